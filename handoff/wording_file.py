"""Reads a file of wording: its faults are told with the file and how to mend them."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping that the file holds.

    Raises:
        ValueError: there is no such file, or it holds no mapping that can be read.
    """
    try:
        content = deepcopy(_read(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ValueError(f"{path} is missing; restore it from the repository") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())}; mend the YAML there") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must hold a mapping; compare with the shipped file")
    return content


@lru_cache(maxsize=64)
def _read(text: str) -> Any:
    """Remembered for each text: one reading of the wording reads the same files several times."""
    return YAML(typ="safe").load(text)
