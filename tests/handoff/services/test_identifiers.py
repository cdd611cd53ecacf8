"""Identifiers: nobody guesses one, and every one can be given to a command."""

from __future__ import annotations

from handoff.services.context import unguessable_id


def test_no_identifier_looks_like_an_option_of_a_command() -> None:
    made = {unguessable_id() for _ in range(2000)}
    assert len(made) == 2000
    assert not any(identifier.startswith("-") for identifier in made)
