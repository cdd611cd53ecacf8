"""Searching over HTTP."""

from __future__ import annotations

from handoff.http.search import SearchAnswer
from tests.handoff.cast import BEN, IMANI, MAYA
from tests.handoff.service import Service


async def test_a_search_answers_as_the_page_says(service: Service) -> None:
    ben = await service.agent(BEN)
    maya = await service.customer(MAYA)
    await maya.say("my parcel with the lamp is late")
    case_id = await service.case(maya)

    answer = SearchAnswer.model_validate((await ben.get("/search?q=lamp%20from:maya")).body)

    assert answer.query == 'lamp from:"maya"'
    assert [found.case.id for found in answer.results] == [case_id]
    assert not answer.more


async def test_a_search_that_cannot_be_read_is_told(service: Service) -> None:
    ben = await service.agent(BEN)

    for path in ("/search?q=state:open", "/search?q=a%00b", "/search?q=a&limit=0"):
        assert (await ben.get(path)).status == 422, path
    assert (await (await service.agent(IMANI)).get("/search?q=lamp")).status == 403
