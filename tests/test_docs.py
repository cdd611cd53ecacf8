"""The documentation keeps up: every setting and command is described, and every relative link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from prometheus_client import generate_latest

from actions.metrics import Metrics as ActionMetrics
from bot.turn_counts import TurnCounts
from handoff.metrics import Metrics
from warmline.errors import ExitCode
from warmline.settings import Settings, setting_names

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#{1,6}\s+(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("name", setting_names())
def test_every_setting_is_described(name: str) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert re.search(rf"^\| `{name}` \|", page, re.MULTILINE)


def test_no_setting_is_described_that_does_not_exist() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `(WARMLINE_\w+)` \|", page, re.MULTILINE)) <= set(setting_names())


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("WARMLINE_PORT", "port"),
        ("WARMLINE_RASA_PORT", "rasa_port"),
        ("WARMLINE_ACTIONS_PORT", "actions_port"),
        ("WARMLINE_HOST", "host"),
        ("WARMLINE_LOG_LEVEL", "log_level"),
    ],
)
def test_the_defaults_on_the_page_are_those_of_the_code(name: str, default: str) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert re.search(rf"^\| `{name}` \| `{Settings.model_fields[default].default}` \|", page, re.MULTILINE)


def numbers_of_all_processes() -> dict[str, tuple[str, str]]:
    """Kind and help of each metric, by its name, as the three processes write them."""
    actions = ActionMetrics()
    actions.count("action_plan", {"action_plan"}, 200, 0.01)
    pages = [generate_latest(Metrics().registry).decode(), actions.page().decode()]
    pages.append(TurnCounts().page(0, loaded=True))
    kinds = {name: kind for page in pages for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE)}
    helps = {name: told for page in pages for name, told in re.findall(r"^# HELP (\S+) (.+)$", page, re.MULTILINE)}
    # The client library tells besides since when it counts, under a name of its own.
    return {name: (kind, helps[name]) for name, kind in kinds.items() if not name.endswith("_created")}


def test_every_number_of_monitoring_is_described_with_its_kind_and_unit() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `(warmline_\w+)` \| (\w+) \|", page, re.MULTILINE))

    found = numbers_of_all_processes()
    assert described == {name: kind for name, (kind, _) in found.items()}
    for name, (kind, told) in found.items():
        assert len(told) > 10, name
        assert name.endswith("_total") == (kind == "counter"), "Prometheus' own way of naming counters"
        assert name.endswith("_seconds") or not told.startswith(("How long", "Mean wait")), "the unit is in the name"


def test_every_command_and_exit_code_is_described() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    help_text = subprocess.run(
        [sys.executable, "-m", "warmline", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^    (\w+)(?:  |$)", help_text, re.MULTILINE)

    assert len(commands) >= 6
    assert not [name for name in commands if f"`warmline {name}" not in page]
    assert not [code for code in ExitCode if f"| {code.value} |" not in page]


def test_the_changelog_names_this_version_or_what_is_to_come() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert version is not None
    assert f"## {version[1]}" in text or "## Unreleased" in text


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "The Warmline authors" in text
