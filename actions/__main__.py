"""Starts the action server: ``python -m actions``."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog
from aiohttp import web
from rasa_sdk.executor import ActionExecutor

from actions.another_answer import ActionAnotherAnswer
from actions.brain import Brain, FrustrationPort
from actions.cases import HttpCases
from actions.content import ContentError, OtherAnswers, load_other_answers
from actions.handoff import ActionHandoff, ActionReopenCase
from actions.in_force import ActionsInForce
from actions.policy_view import view_of
from actions.requests import request_actions
from actions.score_ahead import ScoringAhead
from actions.score_turn import ActionScoreTurn, ActionValidateSlotMappings
from actions.self_service import build_services, refund_limit_of, self_service_actions
from actions.server import create_app
from actions.services import Services
from actions.shop_authority import add_shop_authority
from actions.shop_page import add_shop_page
from actions.wording import load_problems
from models.encoder.encode import TOKENIZER_FILE, EncoderNotPreparedError, SentenceEncoder
from models.frustration.score import FrustrationModel
from warmline.logs import configure_logs
from warmline.policy import EscalationPolicy, LivePolicy, PolicyError
from warmline.settings import Settings, SettingsError

log = structlog.get_logger(__name__)

PROCESS: Final = "actions"
LOOPBACK: Final = "127.0.0.1"
PROBLEMS_FILE: Final = "wording/problems.yml"
SHUTDOWN_SECONDS: Final = 5.0
WARM_UP: Final = "where is my order, it is late again"


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def load_encoder(settings: Settings) -> SentenceEncoder | None:
    """Return the sentence encoder; None, and a word in the log, where it is not prepared."""
    try:
        return SentenceEncoder.load(settings.encoder_dir)
    except EncoderNotPreparedError as error:
        log.warning("no_sentence_encoder", error=str(error))
        return None


def load_frustration(settings: Settings) -> FrustrationModel:
    """Return the frustration model, warm."""
    model = FrustrationModel.load(tokenizer=settings.encoder_dir / TOKENIZER_FILE)
    model.score(WARM_UP)
    return model


def load_brain(
    settings: Settings,
    policy: EscalationPolicy,
    cases: HttpCases,
    encoder: SentenceEncoder | None,
    frustration: FrustrationPort,
) -> Brain:
    """Return the escalation brain."""

    def likeness(one: str, other: str) -> float:
        if encoder is None:
            return 0.0
        first, second = encoder.encode([one, other])
        return float(first @ second)

    return Brain(
        policy=policy,
        view=view_of(policy),
        frustration=frustration,
        cases=cases,
        problems=load_problems(settings.data_dir / PROBLEMS_FILE),
        likeness=likeness,
    )


def executor_under(
    policy: EscalationPolicy, brain: Brain, services: Services, other_answers: OtherAnswers
) -> ActionExecutor:
    """Return every action, under one policy."""
    brain = brain.under(policy)
    executor = ActionExecutor()
    for action in (
        ActionScoreTurn(brain),
        ActionValidateSlotMappings(brain),
        ActionHandoff(brain),
        ActionReopenCase(brain),
        ActionAnotherAnswer(brain, other_answers),
        *request_actions(brain),
        *self_service_actions(replace(services, refund_limit=refund_limit_of(policy))),
    ):
        executor.register_action(action)
    return executor


async def serve(settings: Settings) -> None:
    """Serve until the process is told to stop.

    Raises:
        PolicyError: the escalation policy cannot be used.
        ContentError: a content file cannot be used.
        OSError: the port is in use.
    """
    started = time.monotonic()
    live = LivePolicy(settings.policy_file, clock=utc_now, copy=settings.last_good_policy)
    cases = HttpCases(settings.handoff_url, settings.secrets.internal)
    encoder = load_encoder(settings)
    frustration = ScoringAhead(load_frustration(settings))
    brain = load_brain(settings, live.policy, cases, encoder, frustration)
    services = build_services(settings, live.policy, utc_now)
    other_answers = load_other_answers(settings.data_dir)
    scored_by = frustration.scored_by
    app = create_app(
        ActionsInForce(live, lambda policy: executor_under(policy, brain, services, other_answers)),
        secret=settings.secrets.internal,
        metrics_secret=settings.secrets.metrics,
        ready=lambda: {"scored_by": scored_by, **live.state.as_json()},
        vectors=encoder,
        ahead=frustration,
    )
    add_shop_page(app, services.shop)
    add_shop_authority(app, services.shop)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    watching = asyncio.create_task(live.keep_watching(), name="policy")
    try:
        await web.TCPSite(runner, LOOPBACK, settings.actions_port).start()
        seconds = round(time.monotonic() - started, 2)
        log.info("action_server_ready", port=settings.actions_port, seconds=seconds, scored_by=scored_by)
        await _told_to_stop()
    finally:
        watching.cancel()
        await runner.cleanup()
        frustration.close()
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
