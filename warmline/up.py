"""``warmline up``: sets up what is missing, starts the three processes, watches them until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Sequence
from typing import Final

from warmline.errors import CommandError
from warmline.policy import PolicyError, load_policy
from warmline.ports import find_owner, is_free
from warmline.process import ProcessSpec
from warmline.progress import Progress
from warmline.running import UpNote, end_leftovers, only_one, write_note
from warmline.services import render_endpoints, services
from warmline.settings import Settings
from warmline.setup_steps import setup_steps
from warmline.supervisor import EventKind, ProcessEvent, Supervisor

DEMO_PASSWORD: Final = "larkfield-demo"  # noqa: S105 (printed on purpose, and only ever set by the demo)
DEMO_SIGN_INS: Final = (
    ("ana@larkfield.example", "agent: billing, general"),
    ("ben@larkfield.example", "agent: orders and delivery, returns and refunds"),
    ("chloe@larkfield.example", "agent, second level: technical"),
    ("dev@larkfield.example", "agent, second level: account and security, plan"),
    ("grace@larkfield.example", "supervisor: all queues"),
    ("imani@larkfield.example", "editor"),
    ("omar@larkfield.example", "admin"),
)


def run_setup(settings: Settings, progress: Progress) -> list[str]:
    """Does the steps that are needed; returns their names. Raises :class:`CommandError`."""
    done = []
    for step in setup_steps(settings):
        if step.is_needed():
            if step.seconds < 1:
                step.run(lambda _: None)
                continue
            with progress.step(step.what, step.seconds) as tell:
                step.run(tell)
            done.append(step.name)
    return done


def run_up(settings: Settings, progress: Progress) -> None:
    """Returns once everything has ended again. Raises :class:`CommandError` when it cannot begin."""
    os.umask(0o077)  # what customers write is nobody else's to read
    with only_one(settings):
        for name in end_leftovers(settings):
            progress.warn(f"{name} was left behind by an earlier run that was killed: ended")
        refuse_taken_ports(settings)
        refuse_broken_policy(settings)
        run_setup(settings, progress)
        render_endpoints(settings)
        asyncio.run(serve(settings, services(settings), progress))


def refuse_taken_ports(settings: Settings) -> None:
    """Raises :class:`CommandError` naming the port, who holds it, and the setting that changes it."""
    wanted = (
        (settings.host, settings.port, "WARMLINE_PORT"),
        ("127.0.0.1", settings.rasa_port, "WARMLINE_RASA_PORT"),
        ("127.0.0.1", settings.actions_port, "WARMLINE_ACTIONS_PORT"),
    )
    for host, port, setting in wanted:
        if not is_free(host, port):
            owner = find_owner(port)
            by = f" by {owner}" if owner else ""
            raise CommandError(
                f"port {port} on {host} is in use{by}",
                f"end that process, or choose another port: {setting}={_next_free(host, port)} make run",
            )


def refuse_broken_policy(settings: Settings) -> None:
    """Raises :class:`CommandError` where the escalation policy is broken.

    The processes would start with the last good one (``warmline/policy/live.py``); but here somebody looks on who can
    mend the file.
    """
    try:
        load_policy(settings.policy_file)
    except PolicyError as error:
        raise CommandError(
            f"the escalation policy is broken:\n{error}",
            "mend these lines, then run the command again; `warmline escalation check` checks the file",
        ) from error


def _next_free(host: str, port: int) -> int:
    return next((other for other in range(port + 1, min(port + 100, 65536)) if is_free(host, other)), port + 1)


async def serve(settings: Settings, specs: Sequence[ProcessSpec], progress: Progress) -> None:
    """Runs ``specs`` until SIGINT or SIGTERM; a second one ends them without waiting."""
    told_to_end = asyncio.Event()
    current = asyncio.current_task()
    begun = time.monotonic()
    ready = False

    def report(event: ProcessEvent) -> None:
        _print_event(event, progress)
        write_note(settings, UpNote(os.getpid(), settings.public_url, supervisor.pids))

    def end(number: signal.Signals) -> None:
        if told_to_end.is_set():
            supervisor.kill_all()
        else:
            progress.line(f"Ending ({number.name}) ...")
        told_to_end.set()
        if not ready and current is not None:
            current.cancel()

    supervisor = Supervisor(specs, report)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            loop.add_signal_handler(number, end, number)
    progress.line(
        f"Starting {', '.join(spec.name for spec in specs)} (Rasa takes about 12 s; logs: {settings.logs_dir})"
    )
    with contextlib.suppress(asyncio.CancelledError):
        async with supervisor.running():
            ready = True
            print_ready(settings, progress, time.monotonic() - begun)
            await told_to_end.wait()
    progress.line("Ended.")


def _print_event(event: ProcessEvent, progress: Progress) -> None:
    match event.kind:
        case EventKind.READY:
            progress.done(f"{event.process} serves", event.seconds)
        case EventKind.DIED:
            progress.warn(f"{event.process} ended ({event.why}); starting it again in {event.seconds:.2g} s")
        case EventKind.HANGS:
            progress.warn(f"{event.process} does not answer any more; ending it")
        case EventKind.STARTED | EventKind.STOPPED:
            pass


def print_ready(settings: Settings, progress: Progress, seconds: float) -> None:
    """Where to go next: the shop page, the desk, and the demo's sign-ins."""
    progress.line(f"Warmline is up ({seconds:.0f} s).", style="bold green")
    if settings.demo:
        progress.line(f"  Shop page with the widget   {settings.public_url}/shop")
    progress.line(f"  Desk                        {settings.public_url}/desk")
    if settings.demo:
        progress.line(f"  Demo sign-ins, all with the password {DEMO_PASSWORD}:")
        for email, role in DEMO_SIGN_INS:
            progress.line(f"    {email:<26}  {role}")
    progress.line("  Ctrl-C ends everything; `make doctor` checks every part.")
