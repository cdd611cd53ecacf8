"""Files of a conversation: taken in, scanned, given to a message, handed out, and swept when nobody sent them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.attachments import (
    ATTACHMENT_BYTES,
    CONVERSATION_BYTES,
    START_BYTES,
    UNSENT_FOR,
    Attachment,
    AttachmentStatus,
    MediaType,
    Verdict,
    clean_name,
    in_words,
    kind_of,
)
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import CaseStatus, require_owner
from handoff.domain.conversations import ConversationStatus, Message
from handoff.domain.errors import (
    AttachmentEmpty,
    AttachmentGone,
    AttachmentHeld,
    AttachmentInfected,
    AttachmentsFull,
    AttachmentTooLarge,
    AttachmentTypeRefused,
    CaseClosed,
    ConversationClosed,
    NotFound,
    WrongState,
)
from handoff.domain.people import Agent
from handoff.services.case_writing import visible_case
from handoff.services.context import Context
from handoff.services.earlier_conversations import check_conversation
from handoff.services.events import FileSettled
from handoff.services.file_store import FileStore, Scan
from handoff.store import attachments as store
from handoff.store import people
from handoff.store.audit import add_entry
from handoff.store.conversations import get_conversation
from handoff.store.supervising import has_joined

log = structlog.get_logger(__name__)

SWEEP_SECONDS: Final = 60.0
RESCANNED_AT_ONCE: Final = 20
_STATUS: Final = {Verdict.CLEAN: AttachmentStatus.CLEAN, Verdict.FAILED: AttachmentStatus.HELD}
INFECTED: Final = (
    "The virus scanner found something in this file, so it was not taken. Send another one, or a picture of it."
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where the bytes go and who looks into them."""

    files: FileStore
    scan: Scan


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in: to which conversation, called what, by which agent (None: by the customer)."""

    conversation_id: str
    name: str
    agent_id: str | None = None


class _Intake:
    """Passes a file on in chunks, and refuses it as early as it can be told that it is not taken."""

    def __init__(self) -> None:
        self.size = 0
        self.kind: MediaType | None = None
        self._hash = hashlib.sha256()
        self._start = b""

    @property
    def sha256(self) -> str:
        """The hash of what has passed."""
        return self._hash.hexdigest()

    async def pass_on(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.size += len(chunk)
            refuse_larger_than_the_limit(self.size)
            self._hash.update(chunk)
            if self.kind is None:
                self._start += chunk[:START_BYTES]
                if len(self._start) >= START_BYTES:
                    self._tell_kind()
            yield chunk
        if self.size == 0:
            raise AttachmentEmpty("The file is empty. Choose another one.")
        if self.kind is None:
            self._tell_kind()

    def _tell_kind(self) -> None:
        self.kind = kind_of(self._start)
        if self.kind is None:
            raise AttachmentTypeRefused(
                "Only pictures (PNG, JPEG, GIF, WebP) and PDF files can be sent; this file is neither, whatever its "
                "name ends in.",
                allowed=[str(kind) for kind in MediaType],
            )


def refuse_larger_than_the_limit(size: int) -> None:
    """Raises ``AttachmentTooLarge`` for a file of more bytes than may be sent."""
    if size > ATTACHMENT_BYTES:
        limit = ATTACHMENT_BYTES // (1024 * 1024)
        raise AttachmentTooLarge(f"A file may have up to {limit} MB. Send a smaller one.", limit=ATTACHMENT_BYTES)


async def take_from_customer(
    context: Context, keeping: Keeping, conversation_id: str, name: str, chunks: AsyncIterator[bytes]
) -> Attachment:
    """Take a customer's file. It goes to nobody until a message carries it."""
    return await _take(context, keeping, Upload(conversation_id, name), chunks)


async def take_from_agent(
    context: Context, keeping: Keeping, case_id: str, agent: Agent, name: str, chunks: AsyncIterator[bytes]
) -> Attachment:
    """Take an agent's file: as with words, the owner of a case and who has joined it may send one."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        joined = await has_joined(db, case.id, agent.id)
    if case.status is CaseStatus.CLOSED:
        raise CaseClosed(f"Case {case.number} is closed. Reopen it first.")
    if not case.is_owned:
        raise WrongState(f"Case {case.number} waits in its queue. Accept it first.", status=case.status)
    require_owner(case, agent.id, may_override=joined)
    return await _take(context, keeping, Upload(case.conversation_id, name, agent.id), chunks)


async def _take(context: Context, keeping: Keeping, upload: Upload, chunks: AsyncIterator[bytes]) -> Attachment:
    async with context.db.read() as db:
        await _refuse_if_closed_or_full(db, upload, 0)
    attachment_id, intake = context.new_id(), _Intake()
    await keeping.files.write(attachment_id, intake.pass_on(chunks))
    try:
        verdict = await _scan(keeping, attachment_id)
        if verdict is Verdict.INFECTED:
            raise AttachmentInfected(INFECTED)
        kind = intake.kind
        if kind is None:  # pass_on has raised before
            raise AttachmentTypeRefused("This is no file that can be sent.")
        attachment = Attachment(
            id=attachment_id,
            conversation_id=upload.conversation_id,
            name=clean_name(upload.name, kind),
            media_type=kind,
            size=intake.size,
            sha256=intake.sha256,
            status=_STATUS[verdict],
            agent_id=upload.agent_id,
            uploaded_at=context.clock(),
        )
        async with context.db.write() as db:
            await _refuse_if_closed_or_full(db, upload, intake.size)
            await store.insert_attachment(db, attachment)
    except BaseException:
        await asyncio.shield(keeping.files.delete(attachment_id))
        raise
    return attachment


async def _refuse_if_closed_or_full(db: AsyncConnection, upload: Upload, size: int) -> None:
    # Held, so that two uploads at once are counted one after the other.
    conversation = await get_conversation(db, upload.conversation_id, for_change=size > 0)
    if conversation.status is ConversationStatus.CLOSED:
        raise ConversationClosed("This conversation was ended. Begin a new one.")
    if await store.bytes_of_conversation(db, upload.conversation_id) + size > CONVERSATION_BYTES:
        raise AttachmentsFull("This conversation holds as many files as it can. Describe the rest in words.")


async def _scan(keeping: Keeping, attachment_id: str) -> Verdict:
    async with keeping.files.on_disk(attachment_id) as path:
        return await keeping.scan(path)


async def attach(db: AsyncConnection, message: Message, ids: Sequence[str], *, agent_id: str | None = None) -> Message:
    """The message with its files, in the transaction that stores it. Raises ``AttachmentGone`` unless all are there."""
    if not ids:
        return message
    found = await store.give_to_message(db, message.conversation_id, message.id, ids, agent_id)
    if len(found) < len(ids):
        lost = [attachment_id for attachment_id in ids if attachment_id not in {one.id for one in found}]
        raise AttachmentGone("A file is no longer there. Choose it again, and send it anew.", attachments=lost)
    return replace(message, attachments=found)


async def names_of(db: AsyncConnection, conversation_id: str, ids: Sequence[str]) -> str:
    """The names of uploaded files as text. Raises ``AttachmentGone`` for one that is not there."""
    found = []
    for attachment_id in ids:
        try:
            attachment = await store.get_attachment(db, attachment_id)
        except NotFound:
            attachment = None
        if attachment is None or attachment.conversation_id != conversation_id:
            raise AttachmentGone(
                "A file is no longer there. Choose it again, and send it anew.", attachments=[attachment_id]
            )
        found.append(attachment)
    return in_words(found)


async def read_as_customer(
    context: Context, keeping: Keeping, conversation_id: str, attachment_id: str
) -> tuple[Attachment, bytes]:
    """A file of the customer's own conversation, and that they were given it is written down."""
    async with context.db.read() as db:
        attachment = await store.get_attachment(db, attachment_id)
        conversation = await get_conversation(db, conversation_id)
        # A draft of the agent's is not theirs to see before it is sent.
        unsent = attachment.message_id is None and attachment.agent_id is not None
        if attachment.conversation_id != conversation_id or unsent:
            raise NotFound("There is no such file.")
        customer = await people.get_customer(db, conversation.customer_id)
    return await _hand_out(context, keeping, attachment, Actor.of_customer(customer))


async def read_as_agent(
    context: Context, keeping: Keeping, case_id: str, agent: Agent, attachment_id: str
) -> tuple[Attachment, bytes]:
    """A file of the customer of a case that the agent may see, of an earlier conversation too."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        attachment = await store.get_attachment(db, attachment_id)
        if attachment.conversation_id != case.conversation_id:
            await check_conversation(db, case, agent, attachment.conversation_id)
        if attachment.message_id is None and attachment.agent_id != agent.id:
            raise NotFound("There is no such file.")
    return await _hand_out(context, keeping, attachment, Actor.of_agent(agent))


async def _hand_out(
    context: Context, keeping: Keeping, attachment: Attachment, actor: Actor
) -> tuple[Attachment, bytes]:
    if attachment.status is AttachmentStatus.HELD:
        raise AttachmentHeld("This file is still being checked for viruses. Try again in a few minutes.")
    if attachment.status is AttachmentStatus.INFECTED:
        raise AttachmentInfected("The virus scanner found something in this file, and it was taken away.")
    try:
        content = await keeping.files.read(attachment.id)
    except FileNotFoundError as error:
        log.error("attachment_lost", attachment=attachment.id)
        raise NotFound("This file is not there any more.") from error
    async with context.db.write() as db:
        read = {"conversation": attachment.conversation_id, "media_type": attachment.media_type}
        await add_entry(db, AuditEntry(context.clock(), actor, Did.ATTACHMENT_READ, "attachment", attachment.id, read))
    return attachment, content


async def sweep(context: Context, keeping: Keeping) -> None:
    """Judge again what the scanner could not, and take away what was never sent. Several nodes may do so at once."""
    async with context.db.read() as db:
        held = await store.held_attachments(db, RESCANNED_AT_ONCE)
    for attachment in held:
        await _judge_again(context, keeping, attachment)
    before = context.clock() - UNSENT_FOR
    async with context.db.write() as db:
        gone = await store.take_unsent(db, before)
    stray = await keeping.files.kept_before(before)
    if stray:
        async with context.db.read() as db:
            known = await store.known_among(db, stray)
        gone += tuple(file_id for file_id in stray if file_id not in known)
    for file_id in gone:
        await keeping.files.delete(file_id)


async def _judge_again(context: Context, keeping: Keeping, attachment: Attachment) -> None:
    try:
        verdict = await _scan(keeping, attachment.id)
    except FileNotFoundError:
        log.error("attachment_lost", attachment=attachment.id)
        return
    if verdict is Verdict.FAILED:
        return
    status = AttachmentStatus.CLEAN if verdict is Verdict.CLEAN else AttachmentStatus.INFECTED
    async with context.db.write() as db:
        settled = await store.settle(db, attachment.id, status)
    if settled is None:
        return
    if status is AttachmentStatus.INFECTED:
        await keeping.files.delete(attachment.id)
    # What nobody sent yet is known to its sender alone.
    if settled.message_id is not None:
        context.publish((FileSettled(settled),))
