"""Python 3.10 is found wherever it is, or it is said exactly how to get one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from warmline import interpreters
from warmline.interpreters import Interpreter, NoInterpreterError, Rejection, find_python310, probe


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def python310(path: Path) -> Path:
    """A program that answers as a Python 3.10 would."""
    return executable(path, f"echo '[\"{path}\", [3, 10, 14]]'")


@pytest.fixture(autouse=True)
def only_what_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hides this machine's own interpreters, so that each test has only those that it makes."""
    guesses = interpreters._guesses

    def below_tmp(*arguments: object) -> list[Path]:
        return [path for path in guesses(*arguments) if "pytest" in str(path)]  # type: ignore[arg-type]

    monkeypatch.setattr(interpreters, "_guesses", below_tmp)


def test_a_shim_that_lies_is_passed_over_for_the_interpreter_behind_it(tmp_path: Path) -> None:
    shims = tmp_path / "pyenv" / "shims"
    executable(shims / "python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    real = python310(tmp_path / "pyenv" / "versions" / "3.10.14" / "bin" / "python3.10")

    assert find_python310({"PATH": str(shims)}, ()) == Interpreter(real, (3, 10, 14))


def test_the_newest_of_several_pyenv_versions_is_taken(tmp_path: Path) -> None:
    for version in ("3.10.2", "3.10.9"):
        python310(tmp_path / "versions" / version / "bin" / "python3.10")

    found = find_python310({"PATH": "", "PYENV_ROOT": str(tmp_path)}, ())

    assert "3.10.9" in str(found.path)


@pytest.mark.parametrize(
    "place",
    [
        ".local/share/uv/python/cpython-3.10.14-linux-x86_64-gnu/bin/python3.10",
        ".pyenv/versions/3.10.14/bin/python3.10",
        "miniconda3/envs/rasa/bin/python3.10",
        ".asdf/installs/python/3.10.14/bin/python3.10",
    ],
)
def test_it_is_found_off_path_in_the_home_folder(tmp_path: Path, place: str) -> None:
    real = python310(tmp_path / place)

    assert find_python310({"PATH": ""}, (tmp_path,)).path == real


def test_the_named_interpreter_is_taken_before_any_other(tmp_path: Path) -> None:
    python310(tmp_path / "bin" / "python3.10")
    named = python310(tmp_path / "mine" / "py")

    environment = {"PATH": str(tmp_path / "bin"), "WARMLINE_PYTHON310": str(named)}
    assert find_python310(environment, ()).path == named


def test_a_named_interpreter_of_another_version_is_refused_with_its_version() -> None:
    with pytest.raises(NoInterpreterError, match=r"WARMLINE_PYTHON310=.*: is Python 3\.1\d"):
        find_python310({"PATH": "", "WARMLINE_PYTHON310": sys.executable}, ())


def test_without_one_the_message_says_how_to_get_it_and_what_was_looked_at(tmp_path: Path) -> None:
    broken = executable(
        tmp_path / "python3.10", "echo \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1"
    )

    with pytest.raises(NoInterpreterError) as missing:
        find_python310({"PATH": str(tmp_path)}, ())

    said = str(missing.value)
    for remedy in ("uv python install 3.10", "pyenv install 3.10", "WARMLINE_PYTHON310=/path/to/python3.10"):
        assert remedy in said
    assert f"{broken}: ModuleNotFoundError: No module named 'ensurepip'" in said


def test_the_interpreter_that_runs_this_test_answers_for_itself() -> None:
    found = probe(Path(sys.executable), (sys.version_info.major, sys.version_info.minor))

    assert isinstance(found, Interpreter)


def test_a_program_that_is_no_python_is_rejected(tmp_path: Path) -> None:
    assert isinstance(probe(executable(tmp_path / "python3.10", "echo hello"), (3, 10)), Rejection)


@pytest.mark.parametrize(
    "place",
    [
        ".local/bin/python3.10",
        ".rye/py/cpython@3.10.14/bin/python3.10",
        ".asdf/installs/python/3.10.14/bin/python3.10",
        "micromamba/envs/py310/bin/python3.10",
        ".local/share/hatch/pythons/3.10/python/bin/python3.10",
    ],
)
def test_it_is_found_where_managers_put_it_although_no_path_names_it(tmp_path: Path, place: str) -> None:
    real = python310(tmp_path / place)

    assert find_python310({"PATH": ""}, (tmp_path,)).path == real


def test_it_is_found_in_the_folder_that_a_managers_own_variable_names(tmp_path: Path) -> None:
    real = python310(tmp_path / "mise" / "installs" / "python" / "3.10.14" / "bin" / "python3.10")

    assert find_python310({"PATH": "", "MISE_DATA_DIR": str(tmp_path / "mise")}, ()).path == real
