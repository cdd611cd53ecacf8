"""Trains the assistant as ``rasa train`` does, without what that costs and this project does not use.

``python -m bot.training --data DIR --domain FILE --config FILE --out DIR --name NAME`` writes an ordinary Rasa model.
Of a ``rasa train`` on a few thousand examples more than half goes into things that change nothing in the model:
importing TensorFlow, a validation of all files before training (``warmline content check`` does that, and more),
reading and validating each YAML file up to five times, noting the line of everything in it, hashing every message for a
cache that is never asked and again at every merge, and looking hard for what could be packed tighter.
"""

from __future__ import annotations

import argparse
import copy
import subprocess
import sys
import tarfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from bot.stand_in import needs_tensorflow, put_stand_in_for_tensorflow


def main(arguments: Sequence[str] | None = None) -> int:
    """Trains one model; 0 when it is written, else 1 with Rasa's own words on standard output."""
    parser = argparse.ArgumentParser(prog="python -m bot.training", description=__doc__)
    for name in ("data", "domain", "config", "out", "name"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args(arguments)
    with learning_ahead(options.data, options.config):
        return _train(options)


def _train(options: argparse.Namespace) -> int:
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


@contextmanager
def learning_ahead(data: str, config: str) -> Iterator[None]:
    """Lets another process learn to understand meanwhile, see ``bot.learning_ahead``; it ends with this block."""
    command = [sys.executable, "-m", "bot.learning_ahead", data, config]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as ahead:  # noqa: S603
        try:
            yield
        finally:
            ahead.kill()


def save_work() -> None:
    """Lets this process read and validate each text once, and neither hash nor copy what nobody asks for again."""
    import rasa.engine.runner.dask
    import rasa.engine.training.graph_trainer
    import rasa.shared.nlu.training_data.message
    import rasa.shared.nlu.training_data.training_data
    import rasa.shared.utils.io
    import rasa.shared.utils.validation

    rasa.engine.training.graph_trainer.TrainingHook = _no_hook()
    rasa.engine.runner.dask.DaskGraphRunner.run = _run_classifier_last
    rasa.shared.nlu.training_data.training_data.TrainingData.merge = _merge
    rasa.shared.nlu.training_data.message.Message.__hash__ = _hash_of_message
    reading = Reading(rasa.shared.utils.io.read_yaml, rasa.shared.utils.validation.validate_yaml_schema)
    rasa.shared.utils.io.read_yaml = reading.read_yaml
    rasa.shared.utils.validation.validate_yaml_schema = reading.validate_yaml_schema
    tarfile.TarFile.gzopen = _packing_quickly(tarfile.TarFile.gzopen)


def _run_classifier_last(runner: Any, inputs: dict[str, Any] | None = None, targets: Any = None) -> dict[str, Any]:
    """All else is done while the intent classifier's learning goes on in another process."""
    from bot.intent_classifier import EncoderIntentClassifier
    from bot.shortcuts import run_graph

    def is_classifier(name: str) -> bool:
        return bool(runner._graph_schema.nodes[name].uses is EncoderIntentClassifier)

    return run_graph(runner, inputs, sorted(targets or runner._graph_schema.target_names, key=is_classifier))


def _hash_of_message(message: Any) -> int:
    """Messages that are equal have the same hash; Rasa's own is a checksum of all that is in one, made anew each time.

    Which of those with the same hash are equal is still decided by Rasa's checksum.
    """
    return hash((message.data.get("text"), message.data.get("intent")))


def _packing_quickly(open_archive: Any) -> classmethod:
    """Vectors hardly get smaller, however hard one tries: packed they take 4 in 5 of their size, and a second."""

    def gzopen(cls: Any, name: Any, mode: str = "r", fileobj: Any = None, compresslevel: int = 0, **more: Any) -> Any:
        return open_archive.__func__(cls, name, mode, fileobj, compresslevel, **more)

    return classmethod(gzopen)


def _merge(first: Any, *others: Any) -> Any:
    """Several training data as one. Rasa copies every example at each of a dozen merges of the same examples."""
    merged = [first, *(other for other in others if other)]
    synonyms: dict[str, str] = {}
    responses: dict[str, Any] = {}
    for data in merged:
        synonyms.update(data.entity_synonyms)
        responses.update(data.responses)
    return type(first)(
        [example for data in merged for example in data.training_examples],
        synonyms,
        [feature for data in merged for feature in data.regex_features],
        [table for data in merged for table in data.lookup_tables],
        responses,
    )


class Reading:
    """Rasa's reading and validating of YAML, of each text once."""

    def __init__(self, read: Callable[..., Any], validate: Callable[..., None]) -> None:
        self._read = read
        self._validate = validate
        self._known: dict[tuple[str, str], Any] = {}
        self._good: set[tuple[str, str]] = set()
        self._without_lines = False

    def read_yaml(self, content: str, reader_type: str | list[str] = "safe") -> Any:
        """Every caller gets a copy of its own, because Rasa changes what it reads."""
        kind = "safe" if self._without_lines else str(reader_type)
        key = (content, kind)
        if key not in self._known:
            self._known[key] = self._read(content, kind if self._without_lines else reader_type)
        return copy.deepcopy(self._known[key])

    def validate_yaml_schema(self, yaml_file_content: str, schema_path: str, *arguments: Any, **more: Any) -> None:
        """Knowing the line of everything takes ten times as long to read, so it is asked for where there is a mistake.

        What fails raises, and so is never remembered as good.
        """
        key = (yaml_file_content, schema_path)
        if key in self._good:
            return
        self._without_lines = True
        try:
            self._validate(yaml_file_content, schema_path, *arguments, **more)
        except Exception:  # whatever it is, Rasa says it better with the lines
            self._without_lines = False
            self._validate(yaml_file_content, schema_path, *arguments, **more)
        finally:
            self._without_lines = False
        self._good.add(key)


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
