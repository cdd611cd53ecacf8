"""The vector that Rasa sends with a call reaches the encoder, and the call is answered with and without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk.executor import ActionExecutor

from actions.server import create_app

RECORDED = Path(__file__).parent / "recorded" / "greeting.json"
ENCODED = {"text": "hello", "encoder": "e1", "vector": "AAAA"}


class Adopting:
    def __init__(self) -> None:
        self.adopted: list[Mapping[str, object]] = []

    def adopt(self, exported: Mapping[str, object]) -> bool:
        self.adopted.append(exported)
        return True


@pytest.mark.parametrize(("sent", "adopted"), [(ENCODED, [ENCODED]), (None, []), ("nonsense", [])])
async def test_a_call_with_an_encoded_text_hands_it_to_the_encoder(
    executor: ActionExecutor, sent: Any, adopted: list[Any]
) -> None:
    vectors = Adopting()
    body = json.loads(RECORDED.read_text(encoding="utf-8"))["body"]
    async with TestClient(TestServer(create_app(executor, vectors=vectors))) as client:
        response = await client.post("/webhook", json={**body, "encoded_text": sent})
        assert response.status == 200
        assert (await response.json())["events"]
    assert vectors.adopted == adopted
