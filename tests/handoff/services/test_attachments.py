"""Files on their way through a conversation: taken, scanned, carried by a message, swept; on both databases."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from handoff.delivery.local_files import LocalFiles
from handoff.delivery.scanner import CommandScanner
from handoff.domain.attachments import ATTACHMENT_BYTES, UNSENT_FOR, Attachment, AttachmentStatus, Verdict
from handoff.domain.conversations import SenderType
from handoff.domain.errors import (
    AttachmentEmpty,
    AttachmentGone,
    AttachmentHeld,
    AttachmentInfected,
    AttachmentsFull,
    AttachmentTooLarge,
    AttachmentTypeRefused,
    NotFound,
    NotOwner,
)
from handoff.services import attachments, case_steps, case_talk, conversations, reading
from handoff.services.attachments import Keeping
from handoff.store import conversations as conversation_store
from tests.handoff.cast import BEN, OMAR, Clock, House
from tests.handoff.files import HTML, PDF, PNG, Scanner


@dataclass
class Shelf:
    """Where the files of a test lie."""

    folder: Path
    scanner: Scanner
    keeping: Keeping

    def names(self) -> list[str]:
        """All that lies there, unfinished files too."""
        return sorted(path.name for path in self.folder.glob("*/*"))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty folder and a scanner that finds nothing."""
    scanner = Scanner()
    return Shelf(tmp_path / "files", scanner, Keeping(LocalFiles(tmp_path / "files"), scanner))


async def chunks(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """A body as it comes in."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def upload(
    house: House, shelf: Shelf, conversation_id: str, content: bytes = PNG, name: str = "photo.png"
) -> Attachment:
    """A customer's file."""
    return await attachments.take_from_customer(house.context, shelf.keeping, conversation_id, name, chunks(content))


async def begin(house: House) -> str:
    """A conversation of Maya's that the bot has."""
    return (await house.begin()).id


async def test_a_picture_comes_with_the_words_it_was_sent_with_and_the_bot_gets_the_words_alone(
    house: House, shelf: Shelf
) -> None:
    conversation_id = await begin(house)
    file = await upload(house, shelf, conversation_id)

    await conversations.receive_files(house.context, conversation_id, "message-1", "Is this the lamp?", [file.id])

    _, _, (message, notice) = await reading.customer_view(house.context, conversation_id, after=0)
    assert message.text == "Is this the lamp?"
    assert [(kept.name, kept.size, kept.status) for kept in message.attachments] == [
        ("photo.png", len(PNG), AttachmentStatus.CLEAN)
    ]
    assert notice.notice == "attachments_kept"
    async with house.context.db.read() as db:
        (turn,) = await conversation_store.pending_turns(db, conversation_id)
    assert turn.payload == "Is this the lamp?"


async def test_a_picture_without_words_is_told_of_by_its_name_and_never_reaches_the_bot(
    house: House, shelf: Shelf
) -> None:
    conversation_id = await begin(house)
    first = await upload(house, shelf, conversation_id)
    second = await upload(house, shelf, conversation_id, PDF, "bill.pdf")

    await conversations.receive_files(house.context, conversation_id, "message-1", None, [second.id, first.id])

    _, state, (message, notice) = await reading.customer_view(house.context, conversation_id, after=0)
    assert message.text == "bill.pdf, photo.png"
    assert [kept.id for kept in message.attachments] == [second.id, first.id]
    assert notice.sender is SenderType.SYSTEM
    assert not state.bot_busy
    async with house.context.db.read() as db:
        assert await conversation_store.pending_turns(db, conversation_id) == ()


async def test_the_same_message_sent_again_carries_its_files_once(house: House, shelf: Shelf) -> None:
    conversation_id = await begin(house)
    file = await upload(house, shelf, conversation_id)

    for _ in range(2):
        accepted = await conversations.receive_files(house.context, conversation_id, "message-1", None, [file.id])

    assert accepted.duplicate
    _, _, messages = await reading.customer_view(house.context, conversation_id, after=0)
    assert [len(message.attachments) for message in messages] == [1, 0]


async def test_a_file_of_another_customer_cannot_be_sent_or_read(house: House, shelf: Shelf) -> None:
    theirs = (await conversations.begin(house.context, identity=None, name="Sam")).conversation.id
    file = await upload(house, shelf, theirs)
    conversation_id = await begin(house)

    with pytest.raises(NotFound):
        await attachments.read_as_customer(house.context, shelf.keeping, conversation_id, file.id)
    for text in ("Look at this", None):
        with pytest.raises(AttachmentGone):
            await conversations.receive_files(house.context, conversation_id, "message-1", text, [file.id])
    _, _, messages = await reading.customer_view(house.context, conversation_id, after=0)
    assert messages == ()


async def test_a_file_goes_with_one_message_only(house: House, shelf: Shelf) -> None:
    conversation_id = await begin(house)
    file = await upload(house, shelf, conversation_id)
    await conversations.receive_files(house.context, conversation_id, "message-1", "First", [file.id])

    with pytest.raises(AttachmentGone):
        await conversations.receive_files(house.context, conversation_id, "message-2", "Second", [file.id])


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", AttachmentEmpty),
        (HTML, AttachmentTypeRefused),
        (b"GIF", AttachmentTypeRefused),
        (PNG + bytes(ATTACHMENT_BYTES + 1 - len(PNG)), AttachmentTooLarge),
    ],
    ids=["empty", "a page called a picture", "too short to be anything", "a byte too large"],
)
async def test_what_is_not_taken_leaves_nothing_behind(
    sqlite_house: House, shelf: Shelf, content: bytes, refusal: type[Exception]
) -> None:
    conversation_id = await begin(sqlite_house)

    with pytest.raises(refusal):
        await upload(sqlite_house, shelf, conversation_id, content)

    assert shelf.names() == []
    assert shelf.scanner.seen == []


async def test_a_file_of_exactly_five_megabytes_is_taken(sqlite_house: House, shelf: Shelf) -> None:
    conversation_id = await begin(sqlite_house)
    content = PNG + bytes(ATTACHMENT_BYTES - len(PNG))

    file = await upload(sqlite_house, shelf, conversation_id, content)

    assert (file.size, shelf.names()) == (ATTACHMENT_BYTES, [file.id])


async def test_an_upload_that_breaks_off_leaves_nothing_behind(sqlite_house: House, shelf: Shelf) -> None:
    conversation_id = await begin(sqlite_house)

    async def cut() -> AsyncIterator[bytes]:
        yield PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await attachments.take_from_customer(sqlite_house.context, shelf.keeping, conversation_id, "a.png", cut())

    assert shelf.names() == []


async def test_a_conversation_cannot_fill_the_disk(
    sqlite_house: House, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "CONVERSATION_BYTES", 2 * len(PNG))
    conversation_id = await begin(sqlite_house)
    for _ in range(2):
        await upload(sqlite_house, shelf, conversation_id)

    with pytest.raises(AttachmentsFull):
        await upload(sqlite_house, shelf, conversation_id)

    assert len(shelf.names()) == 2


async def test_an_infected_file_is_refused_and_gone(sqlite_house: House, shelf: Shelf) -> None:
    conversation_id = await begin(sqlite_house)
    shelf.scanner.verdict = Verdict.INFECTED

    with pytest.raises(AttachmentInfected):
        await upload(sqlite_house, shelf, conversation_id)

    assert shelf.scanner.seen == [PNG]
    assert shelf.names() == []


async def test_a_file_that_could_not_be_scanned_is_held_back_until_it_can_be(house: House, shelf: Shelf) -> None:
    conversation_id = await begin(house)
    shelf.scanner.verdict = Verdict.FAILED
    file = await upload(house, shelf, conversation_id)
    await conversations.receive_files(house.context, conversation_id, "message-1", None, [file.id])

    with pytest.raises(AttachmentHeld):
        await attachments.read_as_customer(house.context, shelf.keeping, conversation_id, file.id)
    await attachments.sweep(house.context, shelf.keeping)
    with pytest.raises(AttachmentHeld):
        await attachments.read_as_customer(house.context, shelf.keeping, conversation_id, file.id)

    shelf.scanner.verdict = Verdict.CLEAN
    await attachments.sweep(house.context, shelf.keeping)
    assert (await attachments.read_as_customer(house.context, shelf.keeping, conversation_id, file.id))[1] == PNG


async def test_a_held_file_that_proves_infected_is_taken_away(house: House, shelf: Shelf) -> None:
    conversation_id = await begin(house)
    shelf.scanner.verdict = Verdict.FAILED
    file = await upload(house, shelf, conversation_id)
    await conversations.receive_files(house.context, conversation_id, "message-1", None, [file.id])

    shelf.scanner.verdict = Verdict.INFECTED
    await attachments.sweep(house.context, shelf.keeping)

    with pytest.raises(AttachmentInfected):
        await attachments.read_as_customer(house.context, shelf.keeping, conversation_id, file.id)
    assert shelf.names() == []
    _, _, messages = await reading.customer_view(house.context, conversation_id, after=0)
    assert messages[0].attachments[0].status is AttachmentStatus.INFECTED


async def test_what_was_never_sent_is_swept_after_a_day_and_what_was_sent_is_kept(
    house: House, shelf: Shelf, clock: Clock
) -> None:
    conversation_id = await begin(house)
    sent = await upload(house, shelf, conversation_id)
    unsent = await upload(house, shelf, conversation_id)
    await conversations.receive_files(house.context, conversation_id, "message-1", "Here", [sent.id])

    clock.move(hours=24, seconds=-1)
    await attachments.sweep(house.context, shelf.keeping)
    assert shelf.names() == sorted([sent.id, unsent.id])

    clock.move(seconds=2)
    await attachments.sweep(house.context, shelf.keeping)
    assert shelf.names() == [sent.id]
    with pytest.raises(AttachmentGone):
        await conversations.receive_files(house.context, conversation_id, "message-2", "Here", [unsent.id])


async def test_what_a_crash_left_on_the_disk_is_swept(sqlite_house: House, shelf: Shelf) -> None:
    await shelf.keeping.files.write("stray", chunks(PNG))
    long_ago = (sqlite_house.clock() - 2 * UNSENT_FOR).timestamp()
    os.utime(shelf.folder / "st" / "stray", (long_ago, long_ago))

    await attachments.sweep(sqlite_house.context, shelf.keeping)

    assert shelf.names() == []


async def test_agents_who_may_see_the_case_see_its_files_and_only_its_owner_sends_some(
    house: House, shelf: Shelf
) -> None:
    conversation, case_id = await house.case()
    theirs = await upload(house, shelf, conversation.id)
    await conversations.receive_files(house.context, conversation.id, "message-1", None, [theirs.id])

    async def from_ben() -> Attachment:
        return await attachments.take_from_agent(house.context, shelf.keeping, case_id, BEN, "label.pdf", chunks(PDF))

    await case_steps.accept(house.context, case_id, OMAR)
    with pytest.raises(NotOwner):
        await from_ben()
    assert (await attachments.read_as_agent(house.context, shelf.keeping, case_id, BEN, theirs.id))[1] == PNG
    await case_steps.release(house.context, case_id, OMAR, reason="Ben knows it")
    await case_steps.accept(house.context, case_id, BEN)
    label = await from_ben()
    with pytest.raises(NotFound):
        await attachments.read_as_customer(house.context, shelf.keeping, conversation.id, label.id)
    with pytest.raises(AttachmentGone):
        await conversations.receive_files(house.context, conversation.id, "message-2", "Mine", [label.id])

    _, said = await case_talk.send_agent_message(
        house.context, case_id, BEN, client_message_id="word-0001", text="Your label", attachments=[label.id]
    )

    assert [kept.id for kept in said.attachments] == [label.id]
    assert (await attachments.read_as_customer(house.context, shelf.keeping, conversation.id, label.id))[1] == PDF


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("import sys; sys.exit(0 if open(sys.argv[1], 'rb').read() == b'harmless' else 1)", Verdict.CLEAN),
        ("raise SystemExit(1)", Verdict.INFECTED),
        ("raise SystemExit(2)", Verdict.FAILED),
        ("import time; time.sleep(30)", Verdict.FAILED),
    ],
    ids=["clean", "infected", "broken", "too slow"],
)
async def test_the_scanners_exit_code_decides(tmp_path: Path, script: str, verdict: Verdict) -> None:
    path = tmp_path / "a file; touch harmful"
    path.write_bytes(b"harmless")
    (tmp_path / "scan.py").write_text(script)
    seconds = 0.5 if "sleep" in script else 20

    assert await CommandScanner(f"{sys.executable} {tmp_path / 'scan.py'}", seconds=seconds)(path) is verdict
    assert not (tmp_path / "harmful").exists()


async def test_a_scanner_that_is_not_there_holds_files_back(tmp_path: Path) -> None:
    assert await CommandScanner("no-such-scanner-anywhere --fdpass")(tmp_path) is Verdict.FAILED
