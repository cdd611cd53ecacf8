"""The store: migrations make today's schema, times keep their offset, transactions keep their word."""

from __future__ import annotations

import ast
import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from handoff.contract import Tier
from handoff.domain.conversations import Draft, SenderType
from handoff.domain.ownership import OwnerType
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store.database import Database
from handoff.store.migrate import MIGRATIONS, alembic_config, upgrade
from handoff.store.schema import cases, conversations, counters, metadata
from tests.handoff.cast import PRIYA, START, House
from tests.handoff.conftest import make_postgres_database


def difference(connection: Connection) -> list[object]:
    # The index of words is a table of FTS5 with its shadows here, an expression's index there: no schema knows either.
    options = {"compare_type": True, "include_name": lambda name, *_: not (name or "").startswith("search_words")}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_the_migrations_make_todays_schema(db: Database) -> None:
    async with db.read() as connection:
        assert await connection.run_sync(difference) == []


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/new.db"
    return await make_postgres_database(request.getfixturevalue("postgres_server"), "migrations")


async def test_upgrading_again_changes_nothing_and_the_way_down_leaves_nothing(empty: str) -> None:
    await upgrade(empty)
    await upgrade(empty)
    db = Database.connect(empty)
    async with db.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "base"))
    async with db.read() as connection:
        left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await db.close()
    assert set(left) <= {"alembic_version"}


async def test_cases_from_before_the_clocks_keep_what_was_promised_and_the_tier_of_their_customer(
    house: House,
) -> None:
    """Until then a first word was promised by ``first_response_due``; no promise may come later by an upgrade."""
    case_id = await house.hand_over(await house.begin(PRIYA))
    before = ScriptDirectory(str(MIGRATIONS)).get_revision("0006").down_revision

    def back_and_forth(connection: Connection) -> None:
        command.downgrade(alembic_config(connection), str(before))
        connection.execute(text("UPDATE cases SET next_update_due = resolution_due"))
        command.upgrade(alembic_config(connection), "head")

    async with house.db.write() as connection:
        await connection.run_sync(back_and_forth)
    async with house.db.read() as connection:
        case = await case_store.get_case(connection, case_id)
    assert case.tier is Tier.VIP
    assert case.next_word_due == case.targets.first_response_due


@pytest.mark.parametrize("path", sorted(MIGRATIONS.rglob("*.py")), ids=lambda path: path.name)
def test_migrations_import_nothing_of_the_application(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported <= {"sqlalchemy", "alembic"}


async def test_a_time_without_an_offset_is_refused(house: House) -> None:
    conversation = await house.begin()
    naive = datetime(2026, 3, 2, 9, 0)
    with pytest.raises(StatementError, match="without an offset"):
        async with house.db.write() as db:
            await db.execute(
                conversations.update().where(conversations.c.id == conversation.id).values(last_activity_at=naive)
            )


async def test_a_time_comes_back_as_the_same_moment_in_utc(house: House) -> None:
    conversation = await house.begin()
    local = datetime(2026, 7, 1, 12, 30, 15, 123456, timezone(timedelta(hours=5, minutes=30)))
    async with house.db.write() as db:
        await db.execute(conversations.update().values(last_activity_at=local))
    moment = (await house.now(conversation)).last_activity_at

    assert moment == local
    assert moment.tzinfo is UTC


async def test_a_second_open_case_is_refused_by_the_database_itself(house: House) -> None:
    _, case_id = await house.case()
    async with house.db.read() as db:
        row = (await db.execute(select(cases).where(cases.c.id == case_id))).one()
    again = {**row._mapping, "id": "other", "number": 77, "idempotency_key": "other"}
    with pytest.raises(IntegrityError):
        async with house.db.write() as db:
            await db.execute(cases.insert().values(**again))


async def test_a_reply_prepared_under_an_earlier_owner_is_not_written(house: House) -> None:
    conversation, _ = await house.case()
    draft = Draft(SenderType.BOT, "late")
    for given in ({"under_version": 0}, {"only_owner": OwnerType.BOT}):
        with pytest.raises(store.StaleOwner):
            async with house.db.write() as db:
                await store.append_messages(
                    db, conversation.id, [draft], now=START, new_id=house.context.new_id, **given
                )
    assert [m.text for m in await house.messages(conversation)].count("late") == 0


async def test_a_read_sees_one_moment_however_much_is_written_meanwhile(house: House) -> None:
    conversation = await house.begin()
    await house.say(conversation, "first")
    async with house.db.read() as db:
        before = await store.get_conversation(db, conversation.id)
        await house.say(conversation, "second")
        seen = await store.messages_after(db, conversation.id, 0)

    assert (before.last_seq, [m.text for m in seen]) == (1, ["first"])


async def test_reading_changes_nothing(db: Database) -> None:
    if db.is_sqlite:
        pytest.skip("SQLite has no transactions that only read")
    with pytest.raises(Exception, match="read-only"):
        async with db.read() as connection:
            await connection.execute(counters.insert().values(name="x", value=1))


async def test_writers_wait_for_each_other_instead_of_failing(db: Database) -> None:
    async with db.write() as connection:
        await connection.execute(counters.insert().values(name="x", value=0))

    async def count_up() -> None:
        async with db.write() as connection:
            await connection.execute(counters.update().values(value=counters.c.value + 1))

    await asyncio.gather(*(count_up() for _ in range(20)))
    async with db.read() as connection:
        assert (await connection.execute(select(counters.c.value))).scalar_one() == 20


async def test_an_error_of_the_database_never_tells_what_was_written(house: House) -> None:
    conversation = await house.begin()
    message = await house.say(conversation, "my secret words")
    draft = [Draft(SenderType.CUSTOMER, "my secret words")]
    with pytest.raises(store.DuplicateMessage) as told:
        async with house.db.write() as db:
            await store.append_messages(db, conversation.id, draft, now=START, new_id=lambda: message.id)
    assert isinstance(told.value.__cause__, IntegrityError)
    assert "secret" not in str(told.value.__cause__)


async def test_nothing_is_lent_out_after_a_fault(db: Database) -> None:
    for _ in range(40):
        with pytest.raises(RuntimeError):
            async with db.write():
                raise RuntimeError("half-way")
        with pytest.raises(RuntimeError):
            async with db.read():
                raise RuntimeError("half-way")
    pool = db.engine.pool
    assert pool.checkedout() == 0  # type: ignore[attr-defined]
