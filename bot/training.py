"""Trains the assistant as ``rasa train`` does, without what that costs and this project does not use.

``python -m bot.training --data DIR --domain FILE --config FILE --out DIR --name NAME`` writes an ordinary Rasa model.
Of a ``rasa train`` on a few thousand examples more than half goes into four things that change nothing in the model:
importing TensorFlow, a validation of all files before training (``warmline content check`` does that, and more),
reading and validating each YAML file up to five times, and hashing every message for a cache that is never asked.
"""

from __future__ import annotations

import argparse
import copy
import sys
import warnings
from pathlib import Path
from typing import Any, Callable, Sequence

from bot.stand_in import needs_tensorflow, put_stand_in_for_tensorflow


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains one model; 0 when it is written, else 1 with Rasa's own words on standard output."""
    parser = argparse.ArgumentParser(prog="python -m bot.training", description=__doc__)
    for name in ("data", "domain", "config", "out", "name"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args(arguments)
    if not needs_tensorflow(Path(options.config).read_text(encoding="utf-8")):
        put_stand_in_for_tensorflow()
    warnings.filterwarnings("ignore")  # what editors should know, `warmline content check` tells with file and line

    import rasa.utils.common
    import rasa.utils.log_utils
    from rasa.model_training import train
    from rasa.shared.exceptions import RasaException
    from rasa.shared.utils.cli import print_error

    rasa.utils.common.configure_logging_and_warnings(warn_only_once=True, filter_repeated_logs=True)
    rasa.utils.log_utils.configure_structlog()
    save_work()
    try:
        result = train(
            domain=options.domain,
            config=options.config,
            training_files=[options.data],
            output=options.out,
            force_training=True,
            fixed_model_name=options.name,
        )
    except RasaException as error:
        print_error(f"{error.__class__.__name__}: {error}")
        return 1
    return result.code


def save_work() -> None:
    """Lets this process read and validate each text once, and not hash what no cache will be asked for."""
    import rasa.engine.training.graph_trainer
    import rasa.shared.utils.io
    import rasa.shared.utils.validation

    rasa.engine.training.graph_trainer.TrainingHook = _no_hook()
    rasa.shared.utils.io.read_yaml = _remembering(rasa.shared.utils.io.read_yaml)
    rasa.shared.utils.validation.validate_yaml_schema = _once(rasa.shared.utils.validation.validate_yaml_schema)


def _remembering(read: Callable[..., Any]) -> Callable[..., Any]:
    """Reads each text once; every caller gets a copy of its own, because Rasa changes what it reads."""
    known: dict[tuple[str, str], Any] = {}

    def read_yaml(content: str, reader_type: str | list[str] = "safe") -> Any:
        key = (content, str(reader_type))
        if key not in known:
            known[key] = read(content, reader_type)
        return copy.deepcopy(known[key])

    return read_yaml


def _once(validate: Callable[..., None]) -> Callable[..., None]:
    """Validates each text once; what fails raises, and so is never remembered as good."""
    good: set[tuple[str, str]] = set()

    def validate_yaml_schema(yaml_file_content: str, schema_path: str, *arguments: Any, **more: Any) -> None:
        key = (yaml_file_content, schema_path)
        if key not in good:
            validate(yaml_file_content, schema_path, *arguments, **more)
            good.add(key)

    return validate_yaml_schema


def _no_hook() -> type:
    from rasa.engine.graph import GraphNodeHook

    class NoHook(GraphNodeHook):
        """In the place of the hook that fills Rasa's training cache."""

        def __init__(self, **_: Any) -> None:
            pass

        def on_before_node(self, *_: Any, **__: Any) -> dict[str, Any]:
            """Nothing to remember."""
            return {}

        def on_after_node(self, *_: Any, **__: Any) -> None:
            """Nothing to store."""

    return NoHook


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.exit(main())
