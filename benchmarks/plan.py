"""How much is measured: everything, or a smoke of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.turns import TURNS_IN_A_CONVERSATION, WINDOW


@dataclass(frozen=True)
class Plan:
    """The counts of one run. Blocks of the two systems alternate, so that a drift of the machine hits both."""

    quick: bool
    blocks: int
    """How often each system has its turn at each number of conversations."""
    rounds: Mapping[int, int]
    """For each number of conversations at once: how often so many are held in one block."""
    depths: tuple[int, ...]
    long_conversations: int
    """How often Warmline's long conversations are held."""
    stock_long_conversations: int
    handoffs: int
    browser_handoffs: int
    warm_up_conversations: int = 4

    def stock_goes_deep(self) -> Iterator[bool]:
        """For each long conversation of ours whether the stock Rasa holds one as well; spread evenly."""
        for number in range(self.long_conversations):
            before = number * self.stock_long_conversations // self.long_conversations
            after = (number + 1) * self.stock_long_conversations // self.long_conversations
            yield after > before

    def turns(self) -> int:
        """All turns that the plan comes to, warm-up and filling included."""
        short = 2 * self.blocks * sum(number * rounds for number, rounds in self.rounds.items())
        warm_up = 2 * self.warm_up_conversations
        deep = sum(depth - WINDOW // 2 - 1 + WINDOW for depth in self.depths)
        long = deep * (self.long_conversations + self.stock_long_conversations)
        return (short + warm_up) * TURNS_IN_A_CONVERSATION + long + self.handoffs + self.browser_handoffs


FULL: Final = Plan(
    quick=False,
    blocks=2,
    rounds={1: 20, 8: 4, 32: 2},
    depths=(5, 100, 500),
    long_conversations=6,
    stock_long_conversations=2,
    handoffs=120,
    browser_handoffs=20,
)
QUICK: Final = Plan(
    quick=True,
    blocks=1,
    rounds={1: 3, 8: 1, 32: 1},
    depths=(5, 60),
    long_conversations=2,
    stock_long_conversations=1,
    handoffs=12,
    browser_handoffs=3,
    warm_up_conversations=2,
)
