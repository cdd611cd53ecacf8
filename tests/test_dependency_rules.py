"""Who may import whom: the rules of docs/architecture.md, read from the import statements themselves."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("actions", "bot", "handoff", "models", "warmline")
LONGEST_MODULE = 400
SHARED_OF_WARMLINE = (
    "warmline.settings",
    "warmline.policy",
    "warmline.paths",
    "warmline.logs",
    "warmline.exchange",
    "warmline.content.personal_data",
)
CONTRACT = ("handoff.contract", "handoff.contract_cards")
STANDARD = frozenset(sys.stdlib_module_names)


@dataclass(frozen=True)
class Import:
    """One import: who, at which line, of what."""

    file: Path
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.target}"

    def is_of(self, *names: str) -> bool:
        return any(self.target == name or self.target.startswith(f"{name}.") for name in names)


def modules(*places: str) -> list[Path]:
    """The Python files of packages or modules named by their path from the root."""
    found: list[Path] = []
    for place in places:
        path = ROOT / place
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []
    return [path for path in found if "__pycache__" not in path.parts]


def imports(*places: str) -> Iterator[Import]:
    """Every import statement there, those inside functions and under TYPE_CHECKING too."""
    for file in modules(*places):
        package = list(file.relative_to(ROOT).parent.parts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(file, node.lineno, alias.name)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join(above + ([node.module] if node.module else []))
                for alias in node.names:
                    yield Import(file, node.lineno, f"{base}.{alias.name}")


def ours(found: Import) -> bool:
    return found.is_of(*PACKAGES)


def outside(found: Import, *allowed: str) -> bool:
    """Whether an import is neither of the standard library nor of ``allowed``."""
    return found.target.partition(".")[0] not in STANDARD and not found.is_of(*allowed)


def refused(found: Iterator[Import]) -> list[str]:
    return [str(item) for item in found]


@pytest.mark.parametrize(
    "place", ["handoff/contract.py", "handoff/contract_cards.py", "handoff/domain", "actions/scoring"]
)
def test_the_pure_parts_import_the_standard_library_pydantic_and_the_contract_alone(place: str) -> None:
    package = place.removesuffix(".py").replace("/", ".")
    assert modules(place), f"{place} is not there"

    assert not refused(i for i in imports(place) if outside(i, package, "pydantic", *CONTRACT))


def test_actions_know_nothing_of_handoff_but_the_contract() -> None:
    assert not refused(i for i in imports("actions") if i.is_of("handoff") and not i.is_of(*CONTRACT))


def test_handoff_knows_neither_the_bot_nor_the_action_server() -> None:
    assert not refused(i for i in imports("handoff") if i.is_of("bot", "actions"))


def test_of_the_models_handoff_loads_the_encoder_alone_in_one_place_and_only_once_it_is_needed() -> None:
    found = [i for i in imports("handoff") if i.is_of("models")]

    assert {i.file.relative_to(ROOT).as_posix() for i in found} == {"handoff/services/meaning.py"}
    assert not refused(i for i in iter(found) if not i.is_of("models.encoder"))


def test_handoff_starts_without_the_libraries_of_the_encoder() -> None:
    started = (
        "import sys, handoff.bootstrap; print([n for n in ('numpy', 'onnxruntime', 'tokenizers') if n in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", started], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_bot_imports_of_ours_only_itself_the_encoder_and_the_exchange() -> None:
    allowed = ("bot", "models.encoder", "warmline.exchange")

    assert not refused(i for i in imports("bot") if ours(i) and not i.is_of(*allowed))


def test_only_the_bot_imports_rasa() -> None:
    others = [package for package in PACKAGES if package != "bot"]

    assert not refused(i for i in imports(*others) if i.is_of("rasa"))


def test_only_the_modules_of_actions_itself_import_the_rasa_sdk() -> None:
    allowed = set((ROOT / "actions").glob("*.py"))

    assert not refused(i for i in imports(*PACKAGES) if i.is_of("rasa_sdk") and i.file not in allowed)


def test_the_encoder_runs_in_both_environments() -> None:
    allowed = ("models", "models.encoder", "numpy", "onnxruntime", "tokenizers")

    found = [i for i in imports("models/encoder") if outside(i, *allowed)]
    assert not [str(i) for i in found if not (i.file.name in ("prepare.py", "graph.py") and i.is_of("onnx"))]


def test_nobody_imports_the_command_but_itself() -> None:
    services = ("actions", "bot", "handoff", "models")

    assert not refused(i for i in imports(*services) if i.is_of("warmline") and not i.is_of(*SHARED_OF_WARMLINE))


def test_what_is_shared_of_warmline_does_not_draw_the_command_in() -> None:
    shared = [name.replace(".", "/") for name in SHARED_OF_WARMLINE]
    places = [place if (ROOT / place).is_dir() else f"{place}.py" for place in shared]
    allowed = (*SHARED_OF_WARMLINE, "warmline.secrets", "warmline.plain_words")

    assert not refused(i for i in imports(*places) if i.is_of("warmline") and not i.is_of(*allowed))


def test_no_module_is_longer_than_it_reads_well() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*PACKAGES)}

    assert not [f"{path.relative_to(ROOT)}: {n} lines" for path, n in lengths.items() if n > LONGEST_MODULE]


@pytest.mark.parametrize(
    "place", ["bot", "models/encoder", "warmline/exchange.py", "warmline/rasa_server.py", "tests/conftest.py"]
)
def test_what_rasas_environment_runs_is_python_310(place: str) -> None:
    for path in modules(place):
        ast.parse(path.read_text(encoding="utf-8"), filename=str(path), feature_version=(3, 10))


def tracked_files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    suspicious = re.compile(
        r"files\.pythonhosted\.org|pypi\.org/simple|download\.pytorch\.org|registry\.npmjs|--(?:extra-)?index-url"
        r"|(?<![\w.~/])/(?:root|work|home/\w+|Users/\w+)/"
    )
    found = []
    for path in tracked_files():
        if path == Path(__file__) or path.stat().st_size > 2_000_000:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or a model
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if suspicious.search(line)
        ]
    assert not found


def test_no_secret_and_no_state_is_tracked() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in tracked_files()]

    assert not [name for name in names if name.startswith("var/") or name.endswith((".db", "secrets.json", ".env"))]
