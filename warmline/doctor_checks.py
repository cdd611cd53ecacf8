"""What doctor looks at, one function a part."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import sys
import urllib.request
from collections.abc import Iterator
from typing import Final

from warmline import training
from warmline.browser import HOW_TO_GET_ONE, find_for_tests
from warmline.content.desk_files import check_desk_files
from warmline.doctor import Check, Finding, Health, broken, note, well
from warmline.doctor_outside import files, mail, shop
from warmline.doctor_policy import policy
from warmline.environments import GIGABYTE, environments, outdated, runs, space_needed
from warmline.interpreters import NoInterpreterError, find_python310
from warmline.paths import PROJECT_ROOT
from warmline.ports import find_owner, is_free
from warmline.running import read_note
from warmline.secrets import SecretsError, load_secrets
from warmline.services import services
from warmline.settings import Settings, SettingsError
from warmline.setup_steps import ENCODER_FILES, setup_steps

LOW_DISK: Final = 1.0
"""Gigabytes free, below which doctor warns."""
SETUP: Final = "make setup"
WITHOUT_ENCODER: Final = "the bot understands nothing without it, and the desk finds no similar cases"


def interpreters(_: Settings) -> Iterator[Finding]:
    """Both Pythons."""
    yield well("python", f"{sys.version.split()[0]} runs the app")
    try:
        found = find_python310()
        yield well("python 3.10", f"{'.'.join(map(str, found.version))} at {found.path}")
    except NoInterpreterError as error:
        first, _newline, rest = str(error).partition("\n")
        yield broken("python 3.10", first, "Rasa runs on nothing newer", rest.strip() or first)


def locked_environments(_: Settings) -> Iterator[Finding]:
    """Both environments, against their lock files."""
    for environment in environments(development=False):
        missing = [lock.file.name for lock in outdated(environment)]
        part = f".venv/{environment.name}"
        if not environment.python.exists():
            yield broken(part, "is not there", "nothing runs without it", SETUP)
        elif missing:
            yield broken(part, f"is older than {', '.join(missing)}", "versions are not those that were tested", SETUP)
        elif not runs(environment.python):
            mend = f"rm -r {part} && {SETUP}"
            yield broken(part, "does not run: its Python is gone or damaged", "nothing runs without it", mend)
        else:
            yield well(part, "as its lock says")


def disk(settings: Settings) -> Iterator[Finding]:
    """Room for what is still to be installed, and to work."""
    folder = next(path for path in (settings.var_dir, *settings.var_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free / GIGABYTE
    needed = max(space_needed(environments(development=False)) / GIGABYTE, LOW_DISK)
    if free < needed:
        why = "databases, logs and models cannot be written on a full disk"
        yield broken("disk", f"{free:.1f} GB free, {needed:.1f} GB needed", why, "free some space: pip cache purge")
    else:
        yield well("disk", f"{free:.0f} GB free")


def secrets(settings: Settings) -> Iterator[Finding]:
    """All secrets there, and readable by nobody else."""
    try:
        load_secrets(settings.secrets_file, {})
        yield well("secrets", f"in {_shown(settings)}, readable by their owner only")
    except SecretsError as error:
        try:
            _ = settings.secrets
            yield well("secrets", "set in the environment")
        except SettingsError:
            what, _, remedy = str(error).partition(": ")
            mend = f"chmod 600 {settings.secrets_file}" if "chmod" in remedy else SETUP
            mend = remedy if "is damaged" in what else mend
            yield broken("secrets", what, "the processes would not trust each other", mend)


def encoder(_: Settings) -> Iterator[Finding]:
    """The encoder's files, and one sentence through it."""
    missing = [path.name for path in ENCODER_FILES if not path.exists()]
    remake = "rm -rf models/encoder/onnx && make setup"
    if missing:
        yield broken("encoder", f"{', '.join(missing)} missing", WITHOUT_ENCODER, SETUP)
        return
    from models.encoder.encode import SentenceEncoder

    try:
        vectors = SentenceEncoder.load().encode(["Where is my parcel?"])
    except Exception as error:
        yield broken("encoder", f"does not encode: {error}", WITHOUT_ENCODER, remake)
        return
    yield well("encoder", f"encodes ({vectors.shape[1]} dimensions)")


def frustration(_: Settings) -> Iterator[Finding]:
    """The model that reads frustration, and one turn through it."""
    from models.frustration.score import MODEL, FrustrationModel

    model = FrustrationModel.load()
    if model.scored_by != MODEL:
        yield broken(
            "frustration model",
            f"VADER's word list scores alone: {model.why_not}",
            "calm questions may look angry, and what a turn tells besides is not seen",
            SETUP
            if not ENCODER_FILES[1].exists()
            else "git checkout models/frustration, or warmline train-frustration",
        )
        return
    yield well("frustration model", f"version {model.version} scores ({model.score('Where is my parcel?').score:.2f})")


def content(settings: Settings) -> Iterator[Finding]:
    """What stands in the content that the assistant cannot be trained on."""
    problems = training.content_errors(settings)
    for problem in problems:
        yield broken(
            "content", str(problem), "the assistant cannot be trained on it", f"{problem.mend}; then make train"
        )
    others = list(check_desk_files(settings.data_dir))
    for one in others:
        why = "handoff, or the demo, cannot use the file and does not start with it"
        yield broken("desk content", str(one), why, one.mend)
    if not others:
        yield well("desk content", "canned responses, macros, wording and the demo's files can be used")
    if not problems:
        yield well("content", f"{settings.data_dir.name}/ can be trained on (more: warmline content check)")


def model(settings: Settings) -> Iterator[Finding]:
    """Whether the trained model is one of the data as they stand, and the one that answers."""
    current = training.model_file(settings)
    if not current.exists():
        why = "the bot answers with older data, or not at all"
        yield broken("model", "the data have changed since the assistant was trained", why, "make train")
        return
    yield well("model", f"{current.name} is of these data")
    serving = training.running_model(settings)
    if serving not in (None, current.name):
        yield note(
            "model", f"the running bot answers with {serving}", "it has not been told of the new one", "make train"
        )


def databases(settings: Settings) -> Iterator[Finding]:
    """Every database opens; those of set-up are as the code wants them."""
    from sqlalchemy.engine import make_url  # a third of a second, which most commands need not wait for

    needed = {step.name for step in setup_steps(settings) if step.name in ("shop", "desk") and step.is_needed()}
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        reached = asyncio.run(_postgres(settings.database_url))
        yield reached
        if reached.health is Health.BROKEN:
            needed.discard("desk")  # of a database that does not answer nobody knows whether it is made
    for name, part in (("desk", "handoff's database"), ("shop", "shop's database")):
        if name in needed:
            yield broken(part, "missing, or older than the code", "its tables are not as the code wants them", SETUP)
    for file in (url.database, settings.shop_database, settings.tracker_database):
        path = settings.var_dir / str(file)
        if url.get_backend_name() == "postgresql" and file == url.database:
            continue
        if path.exists():
            yield _sqlite(str(path))


def processes(settings: Settings) -> Iterator[Finding]:
    """Whether the three processes serve; where Warmline is not running, whether it could."""
    if read_note(settings) is None:
        ports = (
            (settings.host, settings.port, "WARMLINE_PORT"),
            ("127.0.0.1", settings.rasa_port, "WARMLINE_RASA_PORT"),
            ("127.0.0.1", settings.actions_port, "WARMLINE_ACTIONS_PORT"),
        )
        for host, port, setting in ports:
            try:
                taken = not is_free(host, port)
            except OSError as error:
                yield broken(
                    f"port {port}",
                    f"nobody can listen on {host}: {error.strerror}",
                    "`make run` needs it",
                    f"set WARMLINE_HOST to an address of this machine, or {setting} to a port above 1023",
                )
                continue
            if taken:
                by = f" by {owner}" if (owner := find_owner(port)) else ""
                mend = f"end that process, or set {setting} to a free port"
                yield broken(f"port {port}", f"in use{by}", "`make run` needs it", mend)
        yield note("processes", "Warmline is not running", "nobody is answered", "make run")
        return
    for spec in services(settings):
        if asyncio.run(_healthy(spec.healthy())):
            yield _scoring(settings) if spec.name == "actions" else well(spec.name, "serves")
        else:
            mend = f"read the end of {spec.log}; end `make run` and start it again"
            yield broken(spec.name, "does not answer", "customers are not served as they should be", mend)


def browser(_: Settings) -> Iterator[Finding]:
    """A browser, which only tests need."""
    found = find_for_tests()
    if found:
        yield well("browser", f"{found} (for the tests)")
    else:
        yield note("browser", "no Chromium found", "the browser tests are left out", HOW_TO_GET_ONE)


CHECKS: Final[tuple[Check, ...]] = (
    interpreters,
    locked_environments,
    disk,
    secrets,
    encoder,
    frustration,
    content,
    model,
    databases,
    policy,
    processes,
    shop,
    mail,
    files,
    browser,
)


def _scoring(settings: Settings) -> Finding:
    """The action server answers; whether it scores with the model or only with the word list."""
    try:
        with urllib.request.urlopen(f"{settings.actions_url}/health", timeout=5) as answer:  # noqa: S310
            scored_by = json.load(answer).get("scored_by")
    except (OSError, ValueError):
        scored_by = None
    if scored_by == "model":
        return well("actions", "serves, frustration scored by the model")
    return broken(
        "actions",
        f"serves, but frustration is scored by {scored_by or 'nobody knows what'}",
        "the model could not be loaded; calm questions may look angry",
        "warmline doctor names why beside `frustration model`; then end `make run` and start it again",
    )


async def _healthy(question: object) -> bool:
    return bool(await question)  # type: ignore[misc]


async def _postgres(url: str) -> Finding:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, connect_args={"timeout": 5})
    try:
        async with engine.connect():
            return well("handoff's database", "PostgreSQL answers")
    except Exception as error:
        why = "handoff cannot start without it"
        mend = "start PostgreSQL, or set WARMLINE_DATABASE_URL right"
        return broken("handoff's database", f"PostgreSQL does not answer: {error}", why, mend)
    finally:
        await engine.dispose()


def _sqlite(path: str) -> Finding:
    part = path.rpartition("/")[2]
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict == "ok":
        return well(part, "opens, and is whole")
    mend = f"end Warmline, put {path} aside, restore a backup or run `make setup`"
    return broken(part, f"damaged: {verdict}", "what it holds cannot be read", mend)


def _shown(settings: Settings) -> str:
    inside = settings.secrets_file.is_relative_to(PROJECT_ROOT)
    return str(settings.secrets_file.relative_to(PROJECT_ROOT) if inside else settings.secrets_file)
