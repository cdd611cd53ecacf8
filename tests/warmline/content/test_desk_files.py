"""Canned responses, macros, wording and the demo's files: each mistake is told with file, line and mend."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from warmline.content.desk_files import check_desk_files
from warmline.doctor_checks import content
from warmline.paths import PROJECT_ROOT
from warmline.settings import Settings

PARTS = ("canned", "wording", "demo", "macros.yml", "escalation.yml")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The shipped files, to break."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name in PARTS:
        source = PROJECT_ROOT / "data" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def broken(data: Path, name: str, pattern: str, new: str) -> int:
    """Put something else where the pattern fits first; the line where it stands now."""
    path = data / name
    text = path.read_text(encoding="utf-8")
    fits = re.search(pattern, text, re.MULTILINE)
    assert fits, pattern
    path.write_text(text[: fits.start()] + new + text[fits.end() :], encoding="utf-8")
    return text[: fits.start()].count("\n") + 1


def test_what_ships_is_right(data: Path) -> None:
    assert list(check_desk_files(data)) == []


@pytest.mark.parametrize(
    ("name", "pattern", "new", "what", "mend"),
    [
        ("macros.yml", r"disposition: \w+", "disposition: won", "no disposition 'won'", "there are solved"),
        ("macros.yml", r"root_cause: \w+", "root_cause: ghosts", "no root cause 'ghosts'", "there are "),
        ("macros.yml", r"canned: refund_made", "canned: nothing", "no canned response 'nothing'", "compare with"),
        ("macros.yml", r"^macros:", "macros: [", "not YAML", "colons"),
        ("canned/english.yml", r"category: \w+", "category: weather", "Input should be", "compare with"),
        ("canned/deutsch.yml", r"^language: de", "language: deutsch", "language", "compare with"),
        ("demo/people.yml", r"role: \w+", "role: king", "Input should be", "compare with"),
        ("demo/people.yml", r"level: \d", "level: high", "integer", "compare with"),
        ("demo/history.yml", r"disposition: \w+", "disposition: won", "no disposition 'won'", "compare with"),
        ("demo/live.yml", r"root_cause: \w+", "root_cause: ghosts", "ghosts", "compare with"),
        ("wording/agents.yml", r"^  deadline_missed: .*", '  deadline_missed: "{nmuber}"', "nmuber", "may"),
        (
            "wording/notices.yml",
            r"^  nobody_now:\n.*",
            "  nobody_now:\n    - 'Nobody of {queu}'",
            "queu",
            "it may use queue",
        ),
        ("wording/survey.yml", r"^about: .*", "about: '{prblem}'", "prblem", "problem"),
        ("wording/widget.de.yml", r"^close: .*", "clsoe: zu", "clsoe", "notices.yml"),
    ],
)
def test_a_mistake_is_told_with_its_file_line_and_mend(
    data: Path, name: str, pattern: str, new: str, what: str, mend: str
) -> None:
    line = broken(data, name, pattern, new)
    found = list(check_desk_files(data))

    assert {finding.file for finding in found} == {data / name}, [str(finding) for finding in found]
    fitting = [finding for finding in found if what in finding.what]
    assert fitting, [str(finding) for finding in found]
    assert mend in fitting[0].mend, fitting[0].mend
    assert abs(fitting[0].line - line) <= (0 if "wording" in name else 12), "on the line, or at the entry around it"


def test_several_mistakes_are_told_at_once(data: Path) -> None:
    broken(data, "macros.yml", r"disposition: \w+", "disposition: won")
    broken(data, "canned/english.yml", r"\{\w+\}", "{nmae}")
    broken(data, "wording/agents.yml", r"^  deadline_missed: .*", '  deadline_missed: "{nmuber}"')
    broken(data, "wording/survey.yml", r"^about: .*", "about: ''")
    told = {f"{finding.file.parent.name}/{finding.file.name}" for finding in check_desk_files(data)}
    assert told == {
        "data/macros.yml",
        "canned/english.yml",
        "wording/agents.yml",
        "wording/survey.yml",
    }


def test_a_response_that_stands_twice_is_told_where_it_stands(data: Path) -> None:
    path = data / "canned" / "english.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(line for line in lines if "id:" in line)
    name = first.rpartition(": ")[2]
    path.write_text("\n".join([*lines, f"  - id: {name}", "    title: Again", "    text: Again", ""]), encoding="utf-8")
    (finding,) = check_desk_files(data)
    assert (finding.file, finding.line) == (path, len(lines) + 1)
    assert f"{name} stands twice" in finding.what
    assert finding.mend == "give one another id"


def test_a_file_that_is_missing_is_told_and_a_folder_that_is_not_there_is_none_to_check(data: Path) -> None:
    (data / "wording" / "problems.yml").unlink()
    (data / "demo" / "history.yml").unlink()
    assert {finding.mend for finding in check_desk_files(data)} == {"restore it from the repository"}
    shutil.rmtree(data / "wording")
    shutil.rmtree(data / "demo")
    assert list(check_desk_files(data)) == []


def test_doctor_tells_of_them_too(data: Path) -> None:
    broken(data, "macros.yml", r"disposition: \w+", "disposition: won")
    found = [finding for finding in content(Settings(data_dir=data)) if finding.part == "desk content"]
    assert [("won" in finding.what, "there are solved" in finding.mend) for finding in found] == [(True, True)]
    assert "macros.yml:" in found[0].what
