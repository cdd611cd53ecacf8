"""Another model while customers write: loaded in a thread, put in force between two steps of the event loop.

Rasa's ``PUT /model`` loads in the event loop, so that every turn waits until the model is there, and gives the new
model a tracker store of its own beside the one that the turns in flight save into. Here turns go on with the old model
while the new one is loaded, one in flight ends with the model it began with, and both save into the same store.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any, Awaitable, Callable

import rasa.core.agent
from rasa.core.agent import Agent
from rasa.core.lock_store import LockStore
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005
"""How long the loading thread may hold the interpreter before a turn gets it; Python's own 5 ms would add up."""

_load_agent: Callable[..., Awaitable[Agent]] = rasa.core.agent.load_agent


def swap_models_beside_turns(store: TrackerStore) -> None:
    """Makes ``PUT /model`` of this process load beside the turns; ``store`` is the one that it serves with."""

    async def load_agent(
        model_path: str | None = None,
        model_server: Any = None,
        remote_storage: str | None = None,
        endpoints: AvailableEndpoints | None = None,
        loop: Any = None,
    ) -> Agent:
        if endpoints is None or not _is_file(model_path) or model_server or remote_storage:
            return await _load_agent(model_path, model_server, remote_storage, endpoints, loop)
        return await load_beside_turns(str(model_path), endpoints, store)

    rasa.core.agent.load_agent = load_agent


async def load_beside_turns(model_path: str, endpoints: AvailableEndpoints, store: TrackerStore) -> Agent:
    """An agent with the model at ``model_path`` over the store in use; turns are answered meanwhile.

    Raises whatever is wrong with the model; the store and the agent in service are then as they were.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        agent = await asyncio.get_running_loop().run_in_executor(None, _load, model_path, endpoints)
    finally:
        sys.setswitchinterval(usual)
    if agent.processor is None:
        raise RuntimeError(f"the model {model_path} was loaded without its processor")
    # From here to the server's own exchange of the agent nothing awaits: no turn sees half of a swap.
    store.domain = agent.domain
    agent.tracker_store = FailSafeTrackerStore(store)
    agent.processor.tracker_store = agent.tracker_store
    logger.info(f"The model {agent.model_name} is loaded and takes over.")
    return agent


def _is_file(path: str | None) -> bool:
    return path is not None and Path(path).is_file()


def _load(model_path: str, endpoints: AvailableEndpoints) -> Agent:
    agent = Agent(
        generator=endpoints.nlg,
        lock_store=LockStore.create(endpoints.lock_store),
        action_endpoint=endpoints.action,
    )
    agent.load_model(model_path)
    return agent
