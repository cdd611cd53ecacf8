"""One conversation of the past from its first word to its last: with the assistant, with people, and afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from handoff.contract import (
    Category,
    Decision,
    DecisionAction,
    HandoffRequest,
    Reason,
    TurnRecord,
)
from handoff.domain.conversations import BotReply, Conversation, Message
from handoff.domain.verdicts import Verdict
from handoff.past.living import Life, Script
from handoff.past.stories import Ending, Handoff, Past, Step, Story
from handoff.past.working import Work, work_on
from handoff.services import after_case, conversations, ratings, surveys, verdicts
from handoff.services.bot_replies import BotAnswer, store_answer
from handoff.services.conversations import Identity
from handoff.services.open_case import open_case
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people

PAGE: Final = "https://larkfield.example/help?warmline-demo"
"""Where the customers of the demo come from. It marks their conversations, and with them everything to be wiped: the
domain is reserved, so no customer of anybody can come from there."""
RATES: Final = 0.55
"""The share of those with a solved case who say how it was, where their story has something to say."""
COMES_BACK_BELOW: Final = 3
"""Who gives fewer stars may say that it did not work, and is helped again."""
JUDGED: Final = 0.3


@dataclass
class Talk:
    """A conversation of one customer along one story. ``words`` fill in what stands in braces."""

    life: Life
    past: Past
    story: Story
    identity: Identity
    words: dict[str, str]
    cases: list[str] = field(default_factory=list)
    """The cases that came of it, once they are opened."""

    async def script(self) -> Script:
        """What happens, one thing after the other."""
        context, random = self.life.context, self.life.random
        begun = await conversations.begin(
            context, identity=self.identity, page=PAGE, language=self.story.language, fresh=True
        )
        conversation = begun.conversation
        yield self.life.clock.now + self.life.minutes(0.3)
        records: list[TurnRecord] = []
        for exchange in self.story.talk:
            message = await self._say(conversation, random.choice(exchange.customer))
            record = self._record(message, exchange.frustration, records)
            records.append(record)
            if not exchange.bot:
                break
            yield self.life.clock.now + timedelta(seconds=1)
            await self._answer(conversation, message, exchange.bot, record)
            yield self.life.clock.now + self.life.minutes(0.7)
        if self.story.handoff is None:
            await self._rate_answer(conversation)
            return
        await self.life.be_there()
        accepted = await open_case(context, self._request(self.story.handoff, conversation, message, tuple(records)))
        self.cases.append(accepted.case_id)
        async for then in work_on(self._work(accepted.case_id, conversation), self.story.steps, self.story.ending):
            yield then
        if self.story.ending is not None:
            async for then in self._afterwards(conversation, accepted.case_id, self.story.ending):
                yield then

    def _work(self, case_id: str, conversation: Conversation) -> Work:
        return Work(self.life, case_id, conversation.id, self.fill)

    def fill(self, text: str, **more: str) -> str:
        """A text of the story with its words."""
        return text.format_map({**self.words, "agent": "", **more})

    async def _say(self, conversation: Conversation, text: str) -> Message:
        accepted = await conversations.receive_text(
            self.life.context, conversation.id, self.life.context.new_id(), self.fill(text)
        )
        return accepted.message

    def _record(self, message: Message, frustration: float, before: list[TurnRecord]) -> TurnRecord:
        """What the scoring would have noted of a turn."""
        handoff, is_last = self.story.handoff, len(before) + 1 == len(self.story.talk)
        peak = max([frustration, *(record.peak for record in before)])
        return TurnRecord(
            message_id=message.id,
            intent=self.story.topic,
            confidence=round(self.life.random.uniform(0.78, 0.98), 2),
            topic=self.story.topic,
            entities={name: self.fill(value) for name, value in self.story.facts.items()},
            frustration=frustration,
            trend=round(frustration - before[-1].frustration, 2) if before else 0.0,
            peak=peak,
            decision=self._decision(handoff) if handoff is not None and is_last else Decision(),
        )

    def _decision(self, handoff: Handoff) -> Decision:
        return Decision(
            action=DecisionAction.NOW,
            reason=handoff.reason,
            kind=handoff.kind,
            category=self.category,
            severity=handoff.severity,
            level=handoff.level,
            contact_number=handoff.contact_number,
            reasons=(
                Reason(
                    signal=handoff.signal,
                    reason=handoff.reason,
                    value=handoff.value,
                    threshold=handoff.threshold,
                    evidence=tuple(self.fill(words) for words in handoff.evidence),
                ),
            ),
            policy_version=self.life.context.policy.version,
        )

    @property
    def category(self) -> Category:
        """The queue of the story's topic."""
        return Category(self.life.context.policy.category_of(self.story.topic))

    async def _answer(self, conversation: Conversation, message: Message, text: str, record: TurnRecord) -> None:
        context = self.life.context
        async with context.db.read() as db:
            turn = next(t for t in await store.pending_turns(db, conversation.id) if t.message_id == message.id)
            owner = (await store.get_conversation(db, conversation.id)).owner
        await store_answer(context, turn, BotAnswer((BotReply(self.fill(text)),), record), owner_version=owner.version)

    def _request(
        self, handoff: Handoff, conversation: Conversation, message: Message, records: tuple[TurnRecord, ...]
    ) -> HandoffRequest:
        return HandoffRequest(
            conversation_id=conversation.id,
            message_id=message.id,
            idempotency_key=message.id,
            decision=records[-1].decision,
            problem=self.fill(handoff.problem),
            topic=self.story.topic,
            facts=records[-1].entities,
            turns=records,
        )

    async def _rate_answer(self, conversation: Conversation) -> None:
        if self.story.rated is None or self.life.random.random() > RATES:
            return
        async with self.life.context.db.read() as db:
            said = await store.messages_after(db, conversation.id, 0)
        answers = [message for message in said if message.answers_turn is not None]
        if answers:
            await ratings.rate_answer(self.life.context, conversation.id, answers[-1].id, self.story.rated)

    async def _afterwards(self, conversation: Conversation, case_id: str, first: Ending) -> Script:
        """The assistant asks whether it worked; the customer rates, and sometimes it did not work."""
        yield self.life.clock.now + timedelta(seconds=2)
        await self._ask_whether_it_worked(conversation, case_id)
        random = self.life.random
        if not self.story.surveys or random.random() > RATES:
            return
        yield self.life.clock.now + self.life.minutes(6)
        survey = random.choice(self.story.surveys)
        await surveys.rate(
            self.life.context,
            conversation.id,
            case_id,
            csat=survey.csat,
            nps=survey.nps,
            comment=self.fill(survey.comment) if survey.comment else None,
        )
        if survey.csat >= COMES_BACK_BELOW or random.random() < 0.5:
            return
        yield self.life.clock.now + self.life.minutes(90)
        again = random.choice(self.past.again)
        await self.life.be_there()
        await after_case.reopen(
            self.life.context,
            conversation.id,
            case_id,
            note=self.fill(again.customer),
            client_message_id=self.life.context.new_id(),
        )
        steps = (Step(agent=again.agent, after=4.0),)
        ending = first.model_copy(update={"outcome": again.outcome, "follow_up_days": None})
        async for then in work_on(self._work(case_id, conversation), steps, ending):
            yield then
        yield self.life.clock.now + timedelta(seconds=2)
        await self._ask_whether_it_worked(conversation, case_id)

    async def _ask_whether_it_worked(self, conversation: Conversation, case_id: str) -> None:
        context = self.life.context
        async with context.db.read() as db:
            turns = await store.pending_turns(db, conversation.id)
            owner = (await store.get_conversation(db, conversation.id)).owner
            case = await case_store.get_case(db, case_id)
            agent = await people.get_agent(db, case.agent_id) if case.agent_id is not None else None
        if agent is None:
            return
        text = self.fill(self.life.random.choice(self.past.after_case), agent=agent.name.split(" ")[0])
        for turn in turns:
            await store_answer(context, turn, BotAnswer((BotReply(text),), None), owner_version=owner.version)
        if self.life.random.random() < JUDGED:
            verdict = self.life.random.choices(
                list(Verdict), weights=[8 if v is Verdict.NEEDED else 1 for v in Verdict]
            )
            await verdicts.judge(context, case_id, agent, verdict=verdict[0])
