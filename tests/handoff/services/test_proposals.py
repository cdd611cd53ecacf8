"""A solved case teaches (P28, P29): what it proposes, that nobody can be recognised in it, that it is decided once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.cases import Step
from handoff.domain.conversations import BotReply, Conversation, Message, Rating, Turn, TurnStatus
from handoff.domain.errors import BadValue, NotFound, WrongState
from handoff.domain.proposals import Proposal, ProposalKind, ProposalStatus
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.case_steps import accept, resolve
from handoff.services.case_talk import send_agent_message
from handoff.services.masking import Masker
from handoff.services.open_case import open_case
from handoff.services.proposals import Wanted, decide, propose
from handoff.services.ratings import rate_answer
from handoff.store import case_events, proposals
from tests.handoff.cast import ANA, BEN, START, House, record, request

ASKED = "Hi, Maya Lind here. Can you gift wrap LH-10001? Mail maya.lind@mail.larkfield.org, I'd pay £4.50 or 5 pounds"
MASKED = "Hi, <name> here. Can you gift wrap LH-10234? Mail name@mail.example, I'd pay <amount> or <amount>"
OUTCOME = "Yes Maya, we wrap anything that fits into a box."


async def asked_in_vain(house: House, text: str = ASKED) -> tuple[Conversation, Message, str]:
    """Maya asks what the bot does not know, and gets a person."""
    conversation = await house.begin()
    said = await house.say(conversation, text)
    turn = Turn(said.id, conversation.id, said.seq, said.text, TurnStatus.PENDING, house.clock.now)
    lost = record(said.id, topic=None, intent="nlu_fallback", in_scope=False, confidence=0.2)
    assert await store_answer(house.context, turn, BotAnswer((BotReply("Sorry?"),), lost), owner_version=0)
    case_id = await wants_a_person(house, conversation)
    return conversation, said, case_id


async def wants_a_person(house: House, conversation: Conversation) -> str:
    """The customer asks for somebody, and Ben accepts."""
    said = await house.say(conversation, "I want a person")
    wish = record(said.id, topic="talk_to_person", intent="talk_to_person")
    wanted = request(conversation, said).model_copy(update={"turns": (wish,)})
    case_id = (await open_case(house.context, wanted)).case_id
    await accept(house.context, case_id, BEN)
    return case_id


async def solve(house: House, case_id: str, root_cause: str = "carrier_late") -> None:
    await resolve(house.context, case_id, BEN, disposition="solved", root_cause=root_cause, outcome=OUTCOME)


async def of_case(house: House, case_id: str) -> tuple[Proposal, ...]:
    async with house.db.read() as db:
        return await proposals.proposals_of_case(db, case_id)


async def decided(house: House, proposal: Proposal, status: ProposalStatus, label: str | None) -> Proposal:
    async with house.db.write() as db:
        return await decide(db, proposal.id, status, label=label, now=house.clock())


async def test_a_solved_case_proposes_an_faq_in_the_customers_words_with_the_outcome_as_its_answer(
    house: House,
) -> None:
    _, _, case_id = await asked_in_vain(house)
    await solve(house, case_id)
    proposal = await propose(house.context, case_id, BEN, Wanted(ProposalKind.FAQ, "faq/general_gift_box"))
    async with house.db.read() as db:
        event = (await case_events.events_of(db, case_id))[-1]

    assert proposal.content.examples == (MASKED,)
    assert proposal.content.answer == "Yes <name>, we wrap anything that fits into a box."
    assert (proposal.status, proposal.agent_id, proposal.content.label) == (
        ProposalStatus.PROPOSED,
        BEN.id,
        "faq/general_gift_box",
    )
    assert await of_case(house, case_id) == (proposal,)
    assert (event.step, event.data) == (Step.PROPOSE, {"proposal_id": proposal.id, "kind": "faq"})


async def test_the_agent_may_choose_the_messages(house: House) -> None:
    conversation, said, case_id = await asked_in_vain(house)
    more = await house.say(conversation, "and do you have red paper")
    _, word = await send_agent_message(
        house.context, case_id, BEN, client_message_id="agent-0001", text="We wrap in green, free of charge."
    )
    await solve(house, case_id)
    wanted = Wanted(ProposalKind.FAQ, None, (said.id, more.id), word.id)
    proposal = await propose(house.context, case_id, BEN, wanted)

    assert proposal.content.examples == (MASKED, "and do you have red paper")
    assert proposal.content.answer == "We wrap in green, free of charge."
    for strange in (Wanted(ProposalKind.FAQ, None, (word.id,)), Wanted(ProposalKind.FAQ, answer_message_id=said.id)):
        with pytest.raises(BadValue, match="Choose a message of the"):
            await propose(house.context, case_id, BEN, strange)
    with pytest.raises(BadValue, match="no such message"):
        await propose(house.context, case_id, BEN, Wanted(ProposalKind.EXAMPLES, None, ("nothing",)))


async def test_only_a_solved_case_proposes_and_only_to_those_who_may_see_it(house: House) -> None:
    _, _, case_id = await asked_in_vain(house)
    with pytest.raises(WrongState):
        await propose(house.context, case_id, BEN, Wanted(ProposalKind.FAQ))
    await solve(house, case_id)
    with pytest.raises(NotFound):
        await propose(house.context, case_id, ANA, Wanted(ProposalKind.FAQ))


async def test_who_only_asked_for_a_person_taught_nothing(house: House) -> None:
    case_id = await wants_a_person(house, await house.begin())
    await solve(house, case_id, "missing_content")

    assert await of_case(house, case_id) == ()
    with pytest.raises(BadValue, match="question_message_ids"):
        await propose(house.context, case_id, BEN, Wanted(ProposalKind.FAQ))


@pytest.mark.parametrize(
    ("root_cause", "kind"), [("missing_content", ProposalKind.FAQ), ("not_understood", ProposalKind.EXAMPLES)]
)
async def test_a_gap_in_the_content_is_suggested_by_itself_and_masked(
    house: House, root_cause: str, kind: ProposalKind
) -> None:
    _, _, case_id = await asked_in_vain(house)
    await solve(house, case_id, root_cause)
    (suggestion,) = await of_case(house, case_id)

    assert (suggestion.kind, suggestion.status, suggestion.agent_id) == (kind, ProposalStatus.SUGGESTED, None)
    assert suggestion.content.examples == (MASKED,)
    for personal in ("Maya", "Lind", "10001", "4.50", "larkfield.org"):
        assert personal not in str(suggestion.content)


async def test_any_other_cause_suggests_nothing(house: House) -> None:
    _, _, case_id = await asked_in_vain(house)
    await solve(house, case_id, "carrier_late")
    assert await of_case(house, case_id) == ()


async def test_a_proposal_is_decided_once(house: House) -> None:
    _, _, case_id = await asked_in_vain(house)
    await solve(house, case_id, "missing_content")
    (suggestion,) = await of_case(house, case_id)
    done = await decided(house, suggestion, ProposalStatus.ACCEPTED, "faq/general_gift_box")

    assert (done.status, done.content.label, done.decided_at) == ("accepted", "faq/general_gift_box", START)
    with pytest.raises(BadValue, match="accepted already"):
        await decided(house, suggestion, ProposalStatus.IGNORED, None)
    async with house.db.read() as db:
        assert await proposals.list_proposals(db) == ()


async def test_the_effect_of_an_accepted_proposal_is_counted_from_then_on(house: House) -> None:
    _, _, case_id = await asked_in_vain(house)
    await solve(house, case_id, "missing_content")
    (suggestion,) = await of_case(house, case_id)
    house.clock.move(hours=1)
    accepted = await decided(house, suggestion, ProposalStatus.ACCEPTED, "faq/general_gift_box")
    house.clock.move(hours=1)
    visitor = await house.begin(None)
    said = await house.say(visitor, "can it be wrapped")
    turn = Turn(said.id, visitor.id, said.seq, said.text, TurnStatus.PENDING, house.clock.now)
    knows = record(said.id, topic="faq/general_gift_box", intent="faq")
    stored = await store_answer(house.context, turn, BotAnswer((BotReply("Yes, we do."),), knows), owner_version=0)
    assert stored
    answer = (await house.messages(visitor))[-1]
    await rate_answer(house.context, visitor.id, answer.id, Rating.HELPFUL)
    async with house.db.read() as db:
        effect = await proposals.effect_of(db, accepted)

    assert (effect.asked, effect.helpful, effect.unhelpful, effect.handed_over) == (1, 1, 0, 0)
    assert effect.questions == ("can it be wrapped",)


MASKER = Masker(("Maya Lind", "Maya", "Lind"), ("LH10001X",))


@given(st.text(alphabet=st.sampled_from("Maya Lind £5.0 euros LH-1abc@mail.example07911 \n\t"), max_size=120))
def test_masking_leaves_no_name_and_masking_again_changes_nothing(text: str) -> None:
    once = MASKER.mask(text)

    assert MASKER.mask(once) == once
    assert "\n" not in once
    assert "maya lind" not in once.lower()
