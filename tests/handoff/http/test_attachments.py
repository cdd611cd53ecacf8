"""Files over HTTP, as the two protocol pages describe them."""

from __future__ import annotations

import asyncio
import io
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from handoff.domain.attachments import ATTACHMENT_BYTES, Verdict
from handoff.http import attachments, schemas
from handoff.services.attachments import sweep
from handoff.store.schema import audit_log
from tests.handoff.cast import BEN, GRACE, OMAR, until
from tests.handoff.files import HTML, PDF, PNG, Scanner
from tests.handoff.service import AGENT, ALLOWED_ORIGIN, Answer, Customer, Desk, Service, call
from warmline.settings import Settings


async def upload(customer: Customer, content: bytes = PNG, name: str = "photo.png", **headers: str) -> Answer:
    """A file of the customer's."""
    return await customer.call(
        "POST", "/attachments", data=io.BytesIO(content), headers={"X-File-Name": quote(name), **headers}
    )


async def upload_at_desk(desk: Desk, case_id: str, content: bytes = PDF, name: str = "label.pdf") -> Answer:
    """A file of the agent's."""
    headers = {"X-CSRF-Token": desk.csrf, "X-File-Name": quote(name)}
    return await call(desk.session, "POST", f"{AGENT}/cases/{case_id}/attachments", data=content, headers=headers)


async def holds(made: Settings, count: int) -> bool:
    """Whether so many files lie there, unfinished ones too."""
    return len(list(made.attachments_dir.glob("*/*"))) == count


async def send(customer: Customer, *ids: str, **more: Any) -> Answer:
    """A message with files."""
    body = {"client_message_id": customer.new_id(), "attachments": list(ids), **more}
    return await customer.call("POST", "/messages", json=body)


async def test_a_file_goes_from_the_customer_to_the_agent_and_is_only_ever_a_download(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    stream = await ben.stream()
    await stream.send(type="watch", case_id=case_id)
    await stream.until("watched")

    kept = await upload(maya, name="Mein Küchenfoto.png")
    assert kept.status == 201
    file = schemas.AttachmentAnswer.model_validate(kept.body, strict=False).attachment
    assert (await send(maya, file.id, text="Like this")).status == 200

    shown = (await stream.until("message", lambda frame: frame["message"]["attachments"]))["message"]
    assert shown["attachments"] == [kept.body["attachment"]]
    got = await ben.get(f"/cases/{case_id}/attachments/{file.id}")
    assert (got.status, got.body) == (200, PNG)
    assert got.headers["Content-Type"] == "image/png"
    assert got.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Mein%20K%C3%BCchenfoto.png"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["Cache-Control"].startswith("private")


async def test_a_file_goes_from_the_agent_to_the_customer(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/accept")

    file = (await upload_at_desk(ben, case_id)).body["attachment"]
    body = {"client_message_id": "word-0001", "attachments": [file["id"]]}
    said = await ben.post(f"/cases/{case_id}/messages", body)

    assert said.body["message"]["text"] == "label.pdf"
    got = await maya.call("GET", f"/attachments/{file['id']}", headers={"Origin": ALLOWED_ORIGIN})
    assert (got.status, got.body) == (200, PDF)
    assert got.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN


async def test_who_leads_sends_a_file_in_a_colleagues_case_once_they_have_joined_it(service: Service) -> None:
    case_id = await service.case(await service.customer())
    ben, grace = await service.agent(BEN), await service.agent(GRACE)
    await ben.post(f"/cases/{case_id}/accept")
    assert (await upload_at_desk(grace, case_id)).code == "not_owner"

    await grace.post(f"/cases/{case_id}/join")
    file = (await upload_at_desk(grace, case_id)).body["attachment"]
    body = {"client_message_id": "word-0001", "attachments": [file["id"]]}

    assert (await grace.post(f"/cases/{case_id}/messages", body)).status == 200


async def test_the_web_site_may_name_the_file_in_a_header(service: Service) -> None:
    maya = await service.customer()
    asked = {"Origin": ALLOWED_ORIGIN, "Access-Control-Request-Method": "POST"}

    allowed = await maya.call("OPTIONS", "/attachments", headers=asked)

    assert "X-File-Name" in allowed.headers["Access-Control-Allow-Headers"]


async def test_files_of_others_are_not_there(service: Service) -> None:
    maya, sam = await service.customer(), await service.customer(identity=None, name="Sam")
    case_id = await service.case(maya)
    file = (await upload(maya)).body["attachment"]["id"]
    await send(maya, file)
    other_case = await service.case(sam)
    ben, omar = await service.agent(BEN), await service.agent(OMAR)

    assert (await sam.call("GET", f"/attachments/{file}")).code == "not_found"
    assert (await send(sam, file)).code == "attachment_gone"
    assert (await ben.get(f"/cases/{other_case}/attachments/{file}")).code == "not_found"
    assert (await omar.get(f"/cases/{case_id}/attachments/{file}")).status == 200
    assert (await service.call("GET", f"{AGENT}/cases/{case_id}/attachments/{file}")).code == "not_signed_in"
    assert (await service.call("GET", f"/api/customer/v1/attachments/{file}")).code == "token_missing"


async def test_who_was_given_a_file_stands_in_the_audit_log(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    file = (await upload(maya)).body["attachment"]["id"]
    await send(maya, file)
    ben = await service.agent(BEN)
    await ben.get(f"/cases/{case_id}/attachments/{file}")

    await maya.call("GET", f"/attachments/{file}")

    async with service.parts.context.db.read() as db:
        found = (await db.execute(select(audit_log).where(audit_log.c.action == "attachment.read"))).all()
    assert [(row.actor_type, row.object_id) for row in found] == [("agent", file), ("customer", file)]
    assert all("photo" not in str(row) for row in found)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (HTML, "photo.png", "attachment_type"),
        (b"", "photo.png", "attachment_empty"),
        (PNG + bytes(ATTACHMENT_BYTES + 1 - len(PNG)), "photo.png", "attachment_too_large"),
        (PNG, "", "missing_field"),
    ],
    ids=["a page called a picture", "empty", "a byte too large", "no name"],
)
async def test_what_is_refused_says_why(service: Service, content: bytes, name: str, code: str) -> None:
    maya = await service.customer()

    assert (await upload(maya, content, name)).code == code
    assert (await maya.say("still whole")).status == 200


async def test_a_body_that_does_not_say_how_long_it_is_is_cut_at_the_limit(service: Service) -> None:
    maya = await service.customer()

    async def endless() -> Any:
        yield PNG
        for _ in range(ATTACHMENT_BYTES // 65536 + 1):
            yield bytes(65536)

    refused = await maya.call("POST", "/attachments", data=endless(), headers={"X-File-Name": "a.png"})

    assert refused.code == "attachment_too_large"


async def test_a_cut_upload_leaves_nothing_and_harms_nobody(service: Service, settings_of_the_test: Settings) -> None:
    maya = await service.customer()
    url = service.server.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = (
        f"POST /api/customer/v1/attachments HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {maya.token}\r\n"
        f"X-File-Name: a.png\r\nContent-Length: 100000\r\n\r\n"
    )
    writer.write(head.encode() + PNG)
    await writer.drain()
    await until(lambda: holds(settings_of_the_test, 1))
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""

    await until(lambda: holds(settings_of_the_test, 0))
    assert (await upload(maya)).status == 201


async def test_files_go_with_words_or_alone_and_never_with_a_button(service: Service) -> None:
    maya = await service.customer()
    file = (await upload(maya)).body["attachment"]["id"]

    assert (await send(maya, file, person=True)).code == "bad_value"
    assert (await send(maya, file, file)).code == "bad_value"
    assert (await send(maya, *(f"file-{n:04}" for n in range(6)))).code == "bad_value"
    assert (await send(maya)).code == "missing_field"
    stream = await maya.stream()
    await stream.send(type="message", client_message_id=maya.new_id(), attachments=[file])
    assert (await stream.until("accepted"))["seq"] > 0


async def test_too_many_uploads_have_to_wait(service: Service) -> None:
    maya = await service.customer()
    codes = [(await upload(maya, b"")).code for _ in range(21)]

    assert codes[-2:] == ["attachment_empty", "too_many_requests"]


async def test_a_file_judged_late_is_told_to_chat_and_desk_also_after_a_lost_connection(service: Service) -> None:
    keeping = service.server.app[attachments.FILES].keeping
    scanner = Scanner(Verdict.FAILED)
    object.__setattr__(keeping, "scan", scanner)
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    held = (await upload(maya)).body["attachment"]
    unsent = (await upload(maya)).body["attachment"]
    assert held["status"] == "held"
    await send(maya, held["id"])
    chat, desk = await maya.stream(), await ben.stream()
    await desk.send(type="watch", case_id=case_id)
    await desk.until("watched")

    scanner.verdict = Verdict.CLEAN
    await sweep(service.parts.context, keeping)

    clean = {**held, "status": "clean"}
    assert await chat.until("file") == {"type": "file", "attachment": clean}
    assert await desk.until("file") == {"type": "file", "case_id": case_id, "attachment": clean}
    for stream in (chat, desk):
        assert unsent["id"] not in str(await stream.settled()), "known to its sender alone"
    again = await maya.stream(last_seq=chat.first["last_seq"])
    assert (await again.until("file"))["attachment"] == clean
    await desk.send(type="watch", case_id=case_id, after_seq=chat.first["last_seq"])
    assert (await desk.until("file"))["attachment"] == clean
