"""Starts the action server: ``python -m actions``."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web
from rasa_sdk.executor import ActionExecutor

import models.frustration.score
from actions.another_answer import ActionAnotherAnswer
from actions.brain import Brain
from actions.cases import HttpCases
from actions.content import ContentError, load_other_answers
from actions.handoff import ActionHandoff, ActionReopenCase
from actions.policy_view import view_of
from actions.requests import request_actions
from actions.score_turn import ActionScoreTurn, ActionValidateSlotMappings
from actions.self_service import build_services, self_service_actions
from actions.server import Readiness, create_app
from actions.shop_page import add_shop_page
from actions.wording import load_problems
from models.frustration.score import FrustrationModel
from warmline.logs import configure_logs
from warmline.policy import EscalationPolicy, PolicyError, load_policy
from warmline.settings import Settings, SettingsError

log = structlog.get_logger(__name__)

PROCESS: Final = "actions"
LOOPBACK: Final = "127.0.0.1"
POLICY_FILE: Final = "escalation.yml"
PROBLEMS_FILE: Final = "wording/problems.yml"
ENCODER_FOLDER: Final = "encoder/onnx"
HEAD_FILE: Final = Path(models.frustration.score.__file__).with_name("head.json")
"""Part of the program, unlike the trained assistants and the encoder, whose folder is a setting."""
SHUTDOWN_SECONDS: Final = 5.0
WARM_UP: Final = "where is my order, it is late again"


def load_brain(settings: Settings, policy: EscalationPolicy, cases: HttpCases) -> Brain:
    """Return the escalation brain, its model loaded and warm."""
    folder = settings.models_dir
    model = FrustrationModel.load(HEAD_FILE, folder / ENCODER_FOLDER)
    model.score(WARM_UP)
    encoder = model.sentence_encoder

    def likeness(one: str, other: str) -> float:
        if encoder is None:
            return 0.0
        first, second = encoder.encode([one, other])
        return float(first @ second)

    return Brain(
        policy=policy,
        view=view_of(policy),
        frustration=model,
        cases=cases,
        problems=load_problems(settings.data_dir / PROBLEMS_FILE),
        likeness=likeness,
    )


async def serve(settings: Settings) -> None:
    """Serve until the process is told to stop.

    Raises:
        PolicyError: the escalation policy cannot be used.
        ContentError: a content file cannot be used.
        OSError: the port is in use.
    """
    started = time.monotonic()
    policy = load_policy(settings.data_dir / POLICY_FILE)
    cases = HttpCases(settings.handoff_url, settings.secrets.internal)
    brain = load_brain(settings, policy, cases)
    services = build_services(settings, policy, lambda: datetime.now(UTC))
    executor = ActionExecutor()
    for action in (
        ActionScoreTurn(brain),
        ActionValidateSlotMappings(brain),
        ActionHandoff(brain),
        ActionReopenCase(brain),
        ActionAnotherAnswer(brain, load_other_answers(settings.data_dir)),
        *request_actions(brain),
        *self_service_actions(services),
    ):
        executor.register_action(action)
    model = brain.frustration if isinstance(brain.frustration, FrustrationModel) else None
    scored_by = model.scored_by if model else "model"
    app = create_app(
        executor,
        secret=settings.secrets.internal,
        ready=Readiness(scored_by, policy.version),
        vectors=model.sentence_encoder if model else None,
    )
    add_shop_page(app, services.shop)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, settings.actions_port).start()
        seconds = round(time.monotonic() - started, 2)
        log.info("action_server_ready", port=settings.actions_port, seconds=seconds, scored_by=scored_by)
        await _told_to_stop()
    finally:
        await runner.cleanup()
        await cases.close()
        await services.aclose()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _fast_loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's, which does the same with less processor time; None for Python's own where there is no uvloop."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop


def main() -> int:
    """Run the action server; returns the exit status."""
    try:
        settings = Settings.load()
        configure_logs(PROCESS, settings)
        logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
        with asyncio.Runner(loop_factory=_fast_loop_factory()) as runner:
            runner.run(serve(settings))
    except (SettingsError, PolicyError, ContentError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"the action server cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
