"""What doctor says about the escalation policy: whether the file can be used, and what the processes decide by."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any, Final

from warmline.doctor import Finding, broken, note, well
from warmline.policy import PolicyError, load_policy
from warmline.running import read_note
from warmline.settings import Settings

CHECK: Final = "`warmline escalation check` names every line that is wrong"


def policy(settings: Settings) -> Iterator[Finding]:
    """The file on disk, and the policy in force in the action server and in handoff."""
    version, problem = _on_disk(settings)
    running = {}
    if read_note(settings) is not None:
        urls = {"the action server": settings.actions_url, "handoff": settings.handoff_url}
        running = {name: told for name, url in urls.items() if (told := _told(url)).get("policy")}
    if not running:
        if problem is None:
            yield well("policy", f"version {version}")
        else:
            yield broken("policy", problem, "Warmline does not start with it", f"mend that line; {CHECK}")
    for name, told in running.items():
        in_force = f"{name}: policy {told['policy']} in force since {told.get('policy_since')}"
        if told.get("policy_problem"):
            yield broken(
                "policy",
                f"{in_force}, the file on disk is broken: {told['policy_problem']}",
                "no change in the file takes effect until it is mended",
                f"mend that line, without a restart; {CHECK}",
            )
        elif problem is None and told["policy"] != version:
            why = "a change takes a second or two to be taken over"
            yield note("policy", f"{in_force}, the file is {version}", why, "wait, then `warmline doctor` again")
        else:
            yield well("policy", in_force)


def _on_disk(settings: Settings) -> tuple[str, str | None]:
    """The version of the file, and its first problem."""
    try:
        return load_policy(settings.policy_file).version, None
    except PolicyError as error:
        return "", str(error).partition("\n")[0]


def _told(url: str) -> dict[str, Any]:
    """What a process answers to the question for its health; nothing where it does not answer."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310
            told = json.load(answer)
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
