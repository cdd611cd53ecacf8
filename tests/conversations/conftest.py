"""One assistant for all conversations; each test finds the shop as it begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from handoff.contract import CustomerInfo
from tests.conversations import assistant as cast
from tests.conversations.assistant import Assistant, Customer


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The real processes."""
    started = Assistant(Path(tmp_path_factory.mktemp("assistant")))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture
def assistant(running: Assistant) -> Assistant:
    """The assistant with a fresh shop."""
    running.reset_shop()
    return running


def _customer(info: CustomerInfo) -> object:
    def customer(assistant: Assistant) -> Customer:
        return Customer(assistant, info)

    return pytest.fixture(customer)


maya = _customer(cast.MAYA)
tom = _customer(cast.TOM)
priya = _customer(cast.PRIYA)
jonas = _customer(cast.JONAS)
elena = _customer(cast.ELENA)
visitor = _customer(cast.VISITOR)
