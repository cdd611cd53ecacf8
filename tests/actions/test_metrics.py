"""The action server's numbers: calls by action and how they ended; names that are no action make no labels."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient, TestServer

from actions.metrics import Metrics
from actions.server import create_app
from tests.actions.test_shop_authority import NoActions


def test_calls_are_counted_by_action_and_how_they_ended() -> None:
    metrics = Metrics()
    for status in (200, 200, 400, 500):
        metrics.count("action_plan", {"action_plan"}, status, 0.01)

    page = metrics.page().decode()

    assert 'warmline_action_calls_total{action="action_plan",outcome="done"} 2.0' in page
    assert 'warmline_action_calls_total{action="action_plan",outcome="rejected"} 1.0' in page
    assert 'warmline_action_calls_total{action="action_plan",outcome="failed"} 1.0' in page
    assert 'warmline_action_seconds_count{action="action_plan"} 4.0' in page


def test_what_names_no_action_cannot_make_a_label() -> None:
    metrics = Metrics()
    for sent in ("my card is 4111", None, {"a": 1}):
        metrics.count(sent, {"action_plan"}, 404, 0.01)

    page = metrics.page().decode()

    assert 'action="unknown",outcome="not_found"} 3.0' in page
    assert "4111" not in page


@pytest.mark.parametrize(("given", "status"), [("metrics", 200), ("internal", 401), (None, 401)])
async def test_only_who_has_the_secret_of_the_numbers_reads_them_and_everybody_the_health_page(
    given: str | None, status: int
) -> None:
    app = create_app(NoActions(), secret="internal", metrics_secret="metrics")
    headers = {"Authorization": f"Bearer {given}"} if given else {}
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/metrics", headers=headers)).status == status
        assert (await client.get("/health")).status == 200
        assert (await client.get("/actions", headers=headers)).status == (200 if given == "internal" else 401)
