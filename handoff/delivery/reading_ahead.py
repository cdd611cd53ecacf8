"""Lets the bot read a customer's text while it is still being stored: both take about as long, on two cores."""

from __future__ import annotations

from collections import OrderedDict

from handoff.delivery.rasa import Bot

REMEMBERED_CONVERSATIONS = 10_000


class ReadingAhead:
    """Knows whose conversations are surely the bot's: it must not read what a customer writes to a human."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._with_bot: OrderedDict[str, None] = OrderedDict()

    def is_with_bot(self, conversation_id: str) -> None:
        """A turn was stored for the bot, so the bot owned then."""
        self._with_bot[conversation_id] = None
        self._with_bot.move_to_end(conversation_id)
        if len(self._with_bot) > REMEMBERED_CONVERSATIONS:
            self._with_bot.popitem(last=False)

    def may_be_with_human(self, conversation_id: str) -> None:
        """Something changed; the owner is only known again with the next turn."""
        self._with_bot.pop(conversation_id, None)

    async def read(self, conversation_id: str, text: str) -> None:
        """Give the bot a text that it will probably be asked to answer; nothing depends on it."""
        if conversation_id in self._with_bot:
            await self._bot.read_ahead(conversation_id, text)
