"""The people at the desk, kept by an operator."""

from __future__ import annotations

import pytest

from handoff.contract import Category
from handoff.domain.people import Agent, Role
from handoff.services.sign_in import session_of, sign_in
from handoff.staff import StaffError, add_agent, agent_of, deactivate_agent, parser
from handoff.store import people
from tests.handoff.cast import POLICY, House

LONG_ENOUGH = "a long password"


def newcomer(level: int = 1) -> Agent:
    return Agent("new", "Nora Quist", "Nora@team.example", Role.AGENT, level, frozenset({Category.PLAN}))


async def test_somebody_who_was_added_signs_in_and_serves_their_queues(house: House) -> None:
    await add_agent(house.db, newcomer(), LONG_ENOUGH)
    signed_in = await sign_in(house.context, "nora@team.example", LONG_ENOUGH)
    assert signed_in is not None
    assert signed_in.session.agent.visible_queues() == (Category.PLAN,)


async def test_adding_somebody_again_changes_them_and_keeps_who_they_are(house: House) -> None:
    first = await add_agent(house.db, newcomer(), LONG_ENOUGH)
    await add_agent(house.db, newcomer(level=3), "another password")
    assert await sign_in(house.context, "nora@team.example", LONG_ENOUGH) is None
    async with house.db.read() as db:
        known = await people.agent_by_email(db, "nora@team.example")
    assert known is not None
    assert (known.id, known.level) == (first.id, 3)


async def test_somebody_deactivated_is_out_at_once_and_stays_out(house: House) -> None:
    await add_agent(house.db, newcomer(), LONG_ENOUGH)
    signed_in = await sign_in(house.context, "nora@team.example", LONG_ENOUGH)
    assert signed_in is not None
    await deactivate_agent(house.db, "nora@team.example")
    assert await session_of(house.context, signed_in.token) is None
    assert await sign_in(house.context, "nora@team.example", LONG_ENOUGH) is None


async def test_a_short_password_and_an_unknown_name_are_refused(house: House) -> None:
    with pytest.raises(StaffError, match="at least 10 characters"):
        await add_agent(house.db, newcomer(), "short")
    with pytest.raises(StaffError, match="nobody has the e-mail"):
        await deactivate_agent(house.db, "ghost@team.example")


def described(*more: str) -> Agent:
    arguments = ["add", "nora@team.example", "Nora Quist", "--queue", "technical", *more]
    return agent_of(parser().parse_args(arguments), POLICY)


async def test_capacity_languages_and_skills_are_kept_as_the_operator_states_them(house: House) -> None:
    """P16."""
    stated = described("--capacity", "4", "--language", "de", "--language", "pt-BR", "--skill", "repairs")
    await add_agent(house.db, stated, LONG_ENOUGH)
    async with house.db.read() as db:
        known = await people.agent_by_email(db, "nora@team.example")
    assert known is not None
    assert (known.capacity, known.languages, known.skills) == (4, ("de", "pt-BR"), ("repairs",))
    assert (described().capacity, described().languages, described().skills) == (6, (), ())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("--capacity", "-1"), "no number from 0 to 99"),
        (("--capacity", "many"), "no number from 0 to 99"),
        (("--language", "german!"), "write en, de or pt-BR"),
    ],
)
def test_a_slip_in_the_command_is_told_with_how_to_mend_it(
    wrong: tuple[str, str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        described(*wrong)
    assert says in capsys.readouterr().err


def test_a_skill_that_no_case_can_need_is_refused() -> None:
    with pytest.raises(StaffError, match=r"there is no skill 'juggling'.*choose one of repairs"):
        described("--skill", "juggling")
