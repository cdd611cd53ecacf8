"""What keeps handoff from starting is one clear line, and no traceback."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from actions.shop import seed as shop_seed
from handoff.demo import DemoPeopleError, load_demo_people
from handoff.starting import explain

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; free some space"),
        (OperationalError("INSERT", {}, Exception("database or disk is full")), "the disk is full; free some space"),
        (ConnectionRefusedError(111, "Connection refused"), "the database cannot be used: [Errno 111]"),
        (TimeoutError(), "the database cannot be used: TimeoutError"),
    ],
)
def test_a_fault_of_disk_or_database_is_one_line(error: Exception, said: str) -> None:
    assert explain(error).startswith(said)
    assert "\n" not in explain(error)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- ana\n", "the file: Input should be"),
        ("demo_password: x\nagents: {ana: 1}\ncustomers: []\n", "agents: Input should be"),
        ("agents: [\n", "cannot be read"),
        ("", "the file: Input should be"),
    ],
)
def test_people_of_the_wrong_shape_are_told_with_their_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "people.yml").write_text(text, encoding="utf-8")

    with pytest.raises(DemoPeopleError) as fault:
        load_demo_people(tmp_path)

    assert said in str(fault.value)
    assert "people.yml" in str(fault.value)
    assert explain(fault.value).endswith("`warmline content check` names the lines")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("canned/english.yml", "language: en\ncanned: 7\n", "english.yml: canned"),
        ("macros.yml", "- macro\n", "macros.yml: the file"),
        ("demo/people.yml", "7\n", "people.yml: the file"),
    ],
)
def test_handoff_says_which_file_it_cannot_start_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data)
    (data / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("WARMLINE_DATA", str(data))
    for secret in ("INTERNAL", "RASA", "CUSTOMER_TOKEN", "SITE_IDENTITY", "METRICS"):
        monkeypatch.setenv(f"WARMLINE_SECRET_{secret}", "s" * 40)
    (tmp_path / "var").mkdir()

    started = subprocess.run([sys.executable, "-m", "handoff"], cwd=ROOT, capture_output=True, text=True, timeout=300)

    assert started.returncode == 2
    told = [line for line in started.stderr.splitlines() if line.startswith("handoff: ")]
    assert [said in line for line in told] == [True], started.stderr
    assert "Traceback" not in started.stderr


def test_a_shop_that_cannot_be_made_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()

    assert shop_seed.main(["--db", str(tmp_path / "file" / "shop.db")]) == 1

    said = capsys.readouterr().err
    assert said.startswith("actions.shop.seed: the demo shop's database cannot be made")
    assert said.count("\n") == 1
