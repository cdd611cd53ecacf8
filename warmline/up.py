"""``warmline up``: sets up what is missing, starts the three processes, watches them until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import time
from collections.abc import Iterator, Sequence

from warmline.errors import CommandError
from warmline.policy import PolicyError, load_policy
from warmline.ports import find_owner, is_free
from warmline.process import ProcessSpec
from warmline.progress import Progress
from warmline.running import UpNote, end_leftovers, only_one, write_note
from warmline.services import render_credentials, render_endpoints, services
from warmline.settings import Settings
from warmline.setup_steps import setup_steps
from warmline.supervisor import EventKind, ProcessEvent, Supervisor


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
        render_credentials(settings)
        asyncio.run(serve(settings, services(settings), progress))


def refuse_taken_ports(settings: Settings) -> None:
    """Raises :class:`CommandError` naming the port, who holds it, and the setting that changes it."""
    wanted = (
        (settings.host, settings.port, "WARMLINE_PORT"),
        ("127.0.0.1", settings.rasa_port, "WARMLINE_RASA_PORT"),
        ("127.0.0.1", settings.actions_port, "WARMLINE_ACTIONS_PORT"),
    )
    for host, port, setting in wanted:
        try:
            taken = not is_free(host, port)
        except OSError as error:
            raise CommandError(f"nobody can listen on {host}, port {port}: {error.strerror}", _other(error)) from error
        if taken:
            owner = find_owner(port)
            by = f" by {owner}" if owner else ""
            raise CommandError(
                f"port {port} on {host} is in use{by}",
                f"end that process, or choose another port: {setting}={_next_free(host, port)} make run",
            )


def _other(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "choose a port above 1023 (WARMLINE_PORT), and let a reverse proxy take the one below"
    return "set WARMLINE_HOST to an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them"


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

    noted = True

    def report(event: ProcessEvent) -> None:
        nonlocal noted
        _print_event(event, progress)
        try:
            write_note(settings, UpNote(os.getpid(), settings.public_url, supervisor.pids))
            noted = True
        except OSError as error:
            # Only others read the note. The processes are watched on, and a full disk is said once.
            if noted:
                progress.warn(f"{settings.var_dir} cannot be written: {error.strerror}; free some space")
            noted = False

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
        for line in _demo_sign_ins(settings):
            progress.line(f"  {line}")
    progress.line("  Ctrl-C ends everything; `make doctor` checks every part.")


def _demo_sign_ins(settings: Settings) -> Iterator[str]:
    """Who may sign in at the demo's desk, as ``data/demo/people.yml`` has them."""
    from handoff.demo import DemoPeopleError, load_demo_people
    from handoff.domain.people import SEES_ALL_QUEUES

    try:
        demo = load_demo_people(settings.data_dir)
    except DemoPeopleError:
        return  # handoff said so when it started
    yield f"Demo sign-ins, all with the password {demo.demo_password}:"
    for agent in demo.agents:
        level = f", level {agent.level}" if agent.level > 1 else ""
        queues = "all queues" if agent.role in SEES_ALL_QUEUES else ", ".join(agent.queues).replace("_", " ")
        yield f"  {agent.email:<26}  {agent.role}{level}" + (f": {queues}" if queues else "")
