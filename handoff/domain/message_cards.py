"""Cards: what a message of the bot is about, at a glance, beside its text, which says everything, too."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from handoff.contract import WireModel
from handoff.contract_cards import CardText, MoneyBackCard, OrderCard, OrdersCard, SecureLink

FAQ_RESPONSES: Final = "utter_"
"""What stands before the topic in the name of an FAQ answer: ``utter_faq/billing_methods``."""
FAQ_TOPICS: Final = "faq/"
_LINK: Final = re.compile(r"https://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}]")
"""As the pages find links in a text (``shared/dom.js``): without the punctuation that closes the sentence around it."""


class FaqCard(WireModel):
    """An answer to a general question: the card puts a title above the text, and its first link below."""

    kind: Literal["faq"] = "faq"
    title: CardText
    link: SecureLink | None = None


MessageCard = Annotated[OrderCard | OrdersCard | MoneyBackCard | FaqCard, Field(discriminator="kind")]
MESSAGE_CARD: Final[TypeAdapter[MessageCard]] = TypeAdapter(MessageCard)


def faq_topic(response: str | None) -> str | None:
    """The topic that a response of the bot answers, None where it is no FAQ answer."""
    topic = (response or "").removeprefix(FAQ_RESPONSES)
    return topic if topic.startswith(FAQ_TOPICS) else None


def faq_card(name: str, answer: str) -> FaqCard:
    """The card of an FAQ answer; ``name`` is what its topic is called in the midst of a sentence."""
    link = _LINK.search(answer)
    title = (name[:1].upper() + name[1:])[:200]
    return FaqCard(title=title, link=link[0] if link and len(link[0]) <= 500 else None)
