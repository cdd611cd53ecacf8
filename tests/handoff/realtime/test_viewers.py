"""Two agents see of each other who looks at a case and who writes in it; a lead who reads along is not seen."""

from __future__ import annotations

from handoff.domain.people import Agent
from tests.handoff.cast import ANA, BEA, BEN, GRACE
from tests.handoff.service import Service, Stream

TRIED = {"tried": "this", "next_step": "that"}


async def at_a_case(service: Service, agent: Agent, case_id: str, **more: bool) -> Stream:
    """The agent's desk shows the case."""
    desk = await (await service.agent(agent)).stream()
    await desk.send(type="viewing", case_id=case_id, **more)
    await desk.until("viewers")
    return desk


def named(frame: dict[str, object]) -> list[str]:
    viewers = frame["viewers"]
    assert isinstance(viewers, list)
    return [one["name"] for one in viewers]


async def test_who_opens_a_case_sees_who_looks_at_it_and_is_seen_by_them(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await at_a_case(service, BEN, case_id)
    assert named(ben.frames[-1]) == []
    bea = await at_a_case(service, BEA, case_id)

    assert named(bea.frames[-1]) == [BEN.name]
    assert named(await ben.until("viewers")) == [BEA.name]


async def test_who_opens_another_case_or_leaves_the_desk_looks_at_it_no_more(service: Service) -> None:
    first, second = [await service.case(await service.customer(None)) for _ in range(2)]
    ben, bea = await at_a_case(service, BEN, first), await at_a_case(service, BEA, first)
    await bea.send(type="viewing", case_id=second)
    assert named(await ben.until("viewers", lambda f: f["viewers"] == [])) == []

    await bea.send(type="viewing", case_id=first)
    assert named(await ben.until("viewers", lambda f: f["viewers"] != [])) == [BEA.name]
    await bea.send(type="viewing", case_id=None)
    assert named(await ben.until("viewers")) == []

    await bea.send(type="viewing", case_id=first)
    await ben.until("viewers", lambda f: f["viewers"] != [])
    await bea.close()
    assert named(await ben.until("viewers")) == []


async def test_two_desks_of_one_agent_are_one_who_looks_and_not_a_colleague(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben, again = await at_a_case(service, BEN, case_id), await at_a_case(service, BEN, case_id)
    assert named(again.frames[-1]) == []
    bea = await at_a_case(service, BEA, case_id)
    assert named(bea.frames[-1]) == [BEN.name]
    await again.close()
    await ben.until("viewers", lambda f: f["viewers"] != [])
    assert named(await bea.until("viewers")) == [BEN.name], "one of the two desks is still there"


async def test_colleagues_see_whether_a_reply_or_a_note_is_typed_and_the_customer_no_note(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    stream = await maya.stream()
    await (await service.agent(BEN)).post(f"/cases/{case_id}/accept")
    ben, bea = await at_a_case(service, BEN, case_id), await at_a_case(service, BEA, case_id)
    await ben.send(type="typing", case_id=case_id, what="note")
    told = await bea.until("typing")
    assert (told["agent_id"], told["name"], told["what"]) == (BEN.id, BEN.name, "note")
    assert "typing" not in {frame["type"] for frame in await stream.settled()}

    await ben.send(type="typing", case_id=case_id)
    assert (await bea.until("typing"))["what"] == "reply"
    assert (await stream.until("typing"))["name"] == BEN.name
    assert "typing" not in {frame["type"] for frame in await ben.settled()}


async def test_a_lead_reads_along_unseen_and_an_agent_does_not(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await at_a_case(service, BEN, case_id)
    grace = await at_a_case(service, GRACE, case_id, quietly=True)
    assert named(grace.frames[-1]) == [BEN.name]
    assert {tuple(named(frame)) for frame in await ben.settled() if frame["type"] == "viewers"} <= {()}
    await ben.send(type="typing", case_id=case_id, what="reply")
    assert (await grace.until("typing"))["name"] == BEN.name

    bea = await (await service.agent(BEA)).stream()
    await bea.send(type="viewing", case_id=case_id, quietly=True)
    assert (await bea.until("error"))["error"]["code"] == "not_allowed"


async def test_whose_queues_a_case_leaves_hears_of_it_no_more(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben = await at_a_case(service, BEN, case_id)
    bea = await at_a_case(service, BEA, case_id)
    moved = await (await service.agent(BEN)).post(f"/cases/{case_id}/transfer", {"category": "billing", **TRIED})
    assert moved.status == 200, moved.body
    await bea.until("case_gone")
    await ben.until("case_gone")
    await bea.settled()
    ana = await at_a_case(service, ANA, case_id)
    assert named(ana.frames[-1]) == []
    await ana.send(type="typing", case_id=case_id, what="note")
    assert {"typing", "viewers"} & {frame["type"] for frame in await bea.settled()} == set()
