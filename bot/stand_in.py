"""A stand-in for TensorFlow, for a process that never computes with it.

Rasa imports TensorFlow wherever it starts, because its own classifiers and policies are built on it; this assistant
uses none of them, and the import is more than half of all that starting costs. The stand-in answers to every name that
those modules ask for while they are imported, and does nothing. It must be in place before Rasa is imported.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import re
import sys
import types
from typing import Any, ClassVar, Sequence

STOOD_IN_FOR = ("tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras")

COMPONENT_NAME = re.compile(r"^\s*-\s*name\s*:\s*[\"']?(?P<name>[\w.]+)", re.MULTILINE)
OURS = "bot."


def needs_tensorflow(config: str) -> bool:
    """Whether a configuration names a component that is not of ``bot/``: it might compute with TensorFlow."""
    names = COMPONENT_NAME.findall(config)
    return not names or any(not name.startswith(OURS) for name in names)


def put_stand_in_for_tensorflow() -> None:
    """Makes ``import tensorflow`` in this process give the stand-in, unless the real one is there already."""
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _NamesAnything(type):
    """The type of a class that has every attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class Nothing(metaclass=_NamesAnything):
    """Stands for any class, function or decorator: can be subclassed, called, indexed by attribute."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *arguments: Any, **_: Any) -> Any:
        """As a decorator it leaves what it decorates as it is."""
        return arguments[0] if arguments and callable(arguments[0]) else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class _Module(types.ModuleType):
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in STOOD_IN_FOR:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass
