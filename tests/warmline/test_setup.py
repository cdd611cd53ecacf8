"""Set-up does what is missing or out of date, and nothing twice."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from warmline import bootstrap, setup_steps
from warmline.environments import Environment, InstallError, Lock, running_python
from warmline.errors import CommandError
from warmline.interpreters import Interpreter, NoInterpreterError
from warmline.settings import Settings
from warmline.setup_steps import SetupStep, run_module
from warmline.setup_steps import setup_steps as steps_of
from warmline.ticker import Ticker

ROOT = Path(__file__).parents[2]


def step(settings: Settings, name: str) -> SetupStep:
    return next(step for step in steps_of(settings) if step.name == name)


def test_the_steps_stand_in_the_order_in_which_they_depend_on_each_other(settings: Settings) -> None:
    assert [step.name for step in steps_of(settings)] == ["secrets", "encoder", "train", "shop", "desk"]


def test_without_the_demo_no_shop_is_made(settings: Settings) -> None:
    own = settings.model_copy(update={"shop_url": "https://shop.example"})

    assert "shop" not in [step.name for step in steps_of(own)]


def test_a_step_that_was_done_is_not_needed_until_its_product_goes_or_its_source_changes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seed(_module: str, _tell: object) -> None:
        settings.shop_database.touch()

    monkeypatch.setattr(setup_steps, "run_module", seed)
    shop = step(settings, "shop")
    assert shop.is_needed()

    shop.run(lambda _: None)
    assert not shop.is_needed()

    settings.shop_database.unlink()
    assert shop.is_needed()

    shop.run(lambda _: None)
    monkeypatch.setattr(setup_steps, "digest_of", lambda *_: "another")
    assert shop.is_needed()


def test_a_step_that_fails_is_said_with_its_own_words_and_is_needed_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_steps, "environment_python", lambda _: Path(sys.executable))

    with pytest.raises(CommandError, match="No module named there_is_no_such_module"):
        run_module("there_is_no_such_module", lambda _: None)


def test_a_database_that_cannot_be_reached_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_steps, "environment_python", lambda _: Path(sys.executable))
    monkeypatch.setenv("WARMLINE_DATABASE_URL", "postgresql://anna:secret@127.0.0.1:9/none")

    with pytest.raises(CommandError) as failure:
        run_module("handoff.seed", lambda _: None)

    assert failure.value.what.startswith("the database cannot be used: ")
    assert "\n" not in failure.value.what
    assert "secret" not in failure.value.what
    assert "WARMLINE_DATABASE_URL" in failure.value.mend


def no_python310() -> Interpreter:
    raise NoInterpreterError("Rasa needs Python 3.10, and none was found.")


@pytest.fixture
def two(tmp_path: Path) -> tuple[Environment, Environment]:
    lock = tmp_path / "app.txt"
    lock.write_text("alpha==1.0\n")
    locks = (Lock(lock, seconds=1, gigabytes=0.01),)
    return (
        Environment("app", tmp_path / "app", running_python, locks),
        Environment("rasa", tmp_path / "rasa", no_python310, locks),
    )


def test_a_missing_python_is_said_before_a_minute_is_spent_installing(
    two: tuple[Environment, Environment], tmp_path: Path
) -> None:
    with pytest.raises(NoInterpreterError, match="none was found"):
        bootstrap.prepare(two, tmp_path, Ticker(io.StringIO()))

    assert not two[0].folder.exists()


def test_a_full_disk_is_said_before_anything_is_made(
    two: tuple[Environment, Environment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "space_needed", lambda _: 1e18)

    with pytest.raises(InstallError, match="GB free and set-up needs"):
        bootstrap.prepare(two, tmp_path, Ticker(io.StringIO()))

    assert not two[0].folder.exists()


def test_a_python_that_the_locks_do_not_serve_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "SERVED", ((3, 98), (3, 99)))

    assert bootstrap.main(["up"]) == 1
    assert "it needs 3.11 to 3.13" in capsys.readouterr().err


def test_make_takes_the_first_python_that_is_served(tmp_path: Path) -> None:
    for name, code in (("python3", 1), ("python3.13", 1), ("python3.12", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)

    recipe = subprocess.run(
        ["make", "-n", "run"],
        cwd=ROOT,
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert recipe.strip() == "python3.12 -m warmline.bootstrap up"
