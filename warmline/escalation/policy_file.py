"""Loading a policy for a command, with its mistakes told as a command tells them."""

from __future__ import annotations

from pathlib import Path

from warmline.errors import CommandError
from warmline.policy import EscalationPolicy, PolicyError, load_policy


def usable_policy(file: Path) -> EscalationPolicy:
    """Return the policy in ``file``.

    Raises:
        CommandError: it cannot be used; the message names the lines and how to mend them.
    """
    try:
        return load_policy(file)
    except PolicyError as error:
        raise CommandError(
            f"the policy cannot be used:\n{error}", "mend these lines; `warmline escalation check` checks the file"
        ) from error
