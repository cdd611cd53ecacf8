"""The environments: what is out of date is noticed, what was interrupted is resumed, a full disk is said."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from warmline import environments
from warmline.environments import Environment, InstallError, Lock, check_space, ensure, outdated, running_python
from warmline.ticker import Ticker

ROOT = Path(__file__).parents[2]
QUIET = Ticker(io.StringIO())


def wheel(folder: Path, name: str, version: str) -> None:
    """Writes a wheel that installs one empty module; enough for pip, and no index is asked."""
    import zipfile

    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    for name, version in (("alpha", "1.0"), ("alpha", "2.0"), ("beta", "1.0")):
        wheel(tmp_path / "wheels", name, version)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    lock = tmp_path / "app.txt"
    lock.write_text("alpha==1.0\nbeta==1.0\n")
    return Environment("app", tmp_path / "venv", running_python, (Lock(lock, seconds=1, gigabytes=0.1),))


def installed(environment: Environment) -> set[str]:
    listed = subprocess.run(
        [environment.python, "-m", "pip", "freeze"], capture_output=True, text=True, check=True
    ).stdout
    return {line for line in listed.split() if line.startswith(("alpha", "beta"))}


def test_an_environment_is_made_once_and_follows_its_lock_when_that_changes(
    environment: Environment, tmp_path: Path
) -> None:
    assert ensure(environment, tmp_path / "logs", QUIET) is True
    assert installed(environment) == {"alpha==1.0", "beta==1.0"}
    assert ensure(environment, tmp_path / "logs", QUIET) is False

    environment.locks[0].file.write_text("alpha==2.0\n")
    assert ensure(environment, tmp_path / "logs", QUIET) is True
    assert installed(environment) == {"alpha==2.0"}


def test_an_interrupted_installation_is_taken_up_again(environment: Environment, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment.folder], check=True)

    assert outdated(environment) == environment.locks
    assert ensure(environment, tmp_path / "logs", QUIET) is True
    assert outdated(environment) == ()


def test_a_package_that_cannot_be_had_is_named_and_the_environment_stays_out_of_date(
    environment: Environment, tmp_path: Path
) -> None:
    environment.locks[0].file.write_text("alpha==9.9\n")

    with pytest.raises(InstallError, match=r"alpha==9\.9"):
        ensure(environment, tmp_path / "logs", QUIET)

    assert outdated(environment) == environment.locks


def test_too_little_disk_is_said_before_anything_is_installed() -> None:
    with pytest.raises(InstallError, match=r"has 1\.0 GB free and set-up needs 4\.7 GB"):
        check_space(4.7e9, free=1_000_000_000)


def test_a_disk_that_fills_up_and_a_network_that_is_gone_are_told_apart() -> None:
    full = environments._explain(["OSError: [Errno 28] No space left on device"], Path("log"))
    gone = environments._explain(["NewConnectionError: Temporary failure in name resolution"], Path("log"))

    assert full.startswith("the disk is full")
    assert gone.startswith("the package index cannot be reached")


def test_every_package_is_pinned_exactly() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        for line in lock.read_text().splitlines():
            assert "==" in line.partition(";")[0], f"{lock.name}: {line}"


def test_the_action_server_stays_light() -> None:
    pins = environments.pins(ROOT / "requirements" / "app.txt")

    assert not pins & {"torch", "transformers", "scikit-learn", "scipy", "tensorflow", "rasa"}


def test_bootstrap_imports_nothing_but_the_standard_library() -> None:
    script = "import sys; sys.modules.update(dict.fromkeys(['pydantic', 'rich', 'yaml'])); import warmline.bootstrap"

    subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {script}"], check=True
    )
