"""Who is at the desk: the table, and when silence means that somebody is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.presence import (
    PRESENCE_TRANSITIONS,
    Presence,
    PresenceState,
    PresenceStep,
    presence_after,
)
from tests.handoff.cast import START

LIMIT = timedelta(seconds=60)


def test_every_step_is_possible_from_every_state() -> None:
    assert set(PRESENCE_TRANSITIONS) == {(state, step) for state in PresenceState for step in PresenceStep}


@pytest.mark.parametrize("chosen", [PresenceStep.GO_AWAY, PresenceStep.WANT_QUIET])
def test_what_an_agent_chose_outlasts_heartbeats_and_a_reload_but_not_signing_out(chosen: PresenceStep) -> None:
    presence = presence_after(None, "ben", chosen, START)
    for step in (PresenceStep.HEARTBEAT, PresenceStep.CLOSE_DESK, PresenceStep.HEARTBEAT):
        assert presence_after(presence, "ben", step, START).state is presence.state
    gone = presence_after(presence, "ben", PresenceStep.SIGN_OUT, START)
    assert gone.state is PresenceState.OFFLINE
    assert presence_after(gone, "ben", PresenceStep.HEARTBEAT, START).state is PresenceState.ONLINE


def test_silence_for_longer_than_the_limit_is_offline_since_the_last_sign() -> None:
    seen = presence_after(None, "ben", PresenceStep.HEARTBEAT, START)

    assert seen.at(START + LIMIT, LIMIT) is PresenceState.ONLINE
    assert seen.gone_since(START + LIMIT, LIMIT) is None
    later = START + LIMIT + timedelta(seconds=1)
    assert seen.at(later, LIMIT) is PresenceState.OFFLINE
    assert seen.gone_since(later, LIMIT) == START


@given(st.lists(st.tuples(st.sampled_from(list(PresenceStep)), st.integers(0, 200)), min_size=1, max_size=20))
def test_a_change_is_dated_when_it_happens_and_closing_a_desk_is_no_sign_of_life(
    steps: list[tuple[PresenceStep, int]],
) -> None:
    presence: Presence | None = None
    now = START
    for step, seconds in steps:
        now += timedelta(seconds=seconds)
        before, presence = presence, presence_after(presence, "ben", step, now)
        assert presence.changed_at <= now
        if before is not None:
            assert (presence.changed_at == before.changed_at) or presence.changed_at == now
            if step in (PresenceStep.CLOSE_DESK, PresenceStep.SIGN_OUT):
                assert presence.seen_at == before.seen_at
        if step is PresenceStep.SIGN_OUT:
            assert presence.state is PresenceState.OFFLINE
