"""Canned responses: texts with places for what is known of a case, and what becomes of them. Pure.

A place that the case has nothing for stays as it stands and is named, so that nobody sends "Dear {customer_name}".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.contract import Category
from handoff.domain.cases import Case

DEFAULT_LANGUAGE: Final = "en"
ORDER_NUMBER: Final = "order_number"
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


class Place(StrEnum):
    """What a text may name in braces."""

    CUSTOMER_NAME = "customer_name"
    CUSTOMER_FIRST_NAME = "customer_first_name"
    AGENT_NAME = "agent_name"
    AGENT_FIRST_NAME = "agent_first_name"
    CASE_NUMBER = "case_number"
    ORDER_NUMBER = "order_number"
    PROBLEM = "problem"
    QUEUE = "queue"


PLACES: Final = frozenset(str(place) for place in Place)


@dataclass(frozen=True, slots=True)
class CannedResponse:
    """A text for one situation in one language. The same ``id`` in another language is the same response.

    ``category`` None: for any case. ``own``: the agent who asks keeps it; ``team``: it was kept at the desk for all.
    """

    id: str
    title: str
    language: str
    text: str
    category: Category | None = None
    keywords: tuple[str, ...] = ()
    own: bool = False
    team: bool = False


@dataclass(frozen=True, slots=True)
class KeptResponse:
    """A response that an agent keeps at the desk; ``shared``: for everybody who deals with cases."""

    id: str
    agent_id: str
    agent_name: str
    title: str
    language: str
    text: str
    created_at: datetime
    category: Category | None = None
    shared: bool = False

    def response(self, agent_id: str) -> CannedResponse:
        """It, as somebody finds it."""
        own = self.agent_id == agent_id
        return CannedResponse(self.id, self.title, self.language, self.text, self.category, own=own, team=self.shared)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text for one case. ``missing`` are the places that nothing is known for; they still stand in the text."""

    text: str
    missing: tuple[str, ...] = ()


def places_in(text: str) -> tuple[str, ...]:
    """What stands in braces, each once, in the order of the text."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def strange_places(text: str) -> tuple[str, ...]:
    """What stands in braces and is no place of ours, and a brace that stands alone."""
    unknown = [place for place in places_in(text) if place not in PLACES]
    rest = _PLACE.sub("", text)
    return (*unknown, *(brace for brace in "{}" if brace in rest))


def render(text: str, facts: Mapping[str, str]) -> Rendered:
    """Fill the places in. What is put in is not read again: a customer called "{problem}" stays that."""
    missing = tuple(place for place in places_in(text) if not facts.get(place))
    return Rendered(_PLACE.sub(lambda match: facts.get(match[1]) or match[0], text), missing)


def facts_for(case: Case, *, customer_name: str | None, agent_name: str, queue: str) -> dict[str, str]:
    """What is known of a case, by place; "" for what is not."""
    customer = (customer_name or "").strip()
    return {
        Place.CUSTOMER_NAME: customer,
        Place.CUSTOMER_FIRST_NAME: customer.partition(" ")[0],
        Place.AGENT_NAME: agent_name,
        Place.AGENT_FIRST_NAME: agent_name.partition(" ")[0],
        Place.CASE_NUMBER: case.number,
        Place.ORDER_NUMBER: case.context.facts.get(ORDER_NUMBER, ""),
        Place.PROBLEM: case.problem,
        Place.QUEUE: queue,
    }


def best_in(responses: Iterable[CannedResponse], response_id: str, language: str | None) -> CannedResponse | None:
    """The response in the customer's language, or else in English; None where there is neither."""
    found = {one.language: one for one in responses if one.id == response_id}
    wanted = (language or DEFAULT_LANGUAGE).partition("-")[0].lower()
    return found.get(wanted) or found.get(DEFAULT_LANGUAGE)
