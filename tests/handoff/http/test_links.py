"""The way back from a mail into its conversation, over HTTP and in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.async_api import ConsoleMessage, async_playwright

from handoff.http.links import LINKS
from tests.browsers import ARGUMENTS, require_chromium
from tests.handoff.cast import BEN, until
from tests.handoff.delivery.post_office import PostOffice, post_office, text_of
from tests.handoff.service import CUSTOMER, Customer, Service
from warmline.settings import Settings


def link_of(service: Service, conversation_id: str) -> str:
    """What stands behind the ``#`` of a link."""
    return service.server.app[LINKS].token(conversation_id)


async def test_a_link_opens_exactly_its_conversation_also_of_a_verified_customer(service: Service) -> None:
    maya = await service.customer()
    await maya.say("hello")
    answer = await service.call("POST", f"{CUSTOMER}/links", json={"link": link_of(service, maya.conversation_id)})

    assert (answer.status, answer.body["conversation_id"]) == (200, maya.conversation_id)
    assert answer.headers["Cache-Control"] == "no-store"
    back = Customer(service.browser(), answer.body["token"], maya.conversation_id, answer.body)
    read = await back.call("GET", "/conversation")
    assert read.body["messages"][0]["text"] == "hello"


async def test_the_token_lives_no_longer_than_the_link(service: Service) -> None:
    maya = await service.customer()
    link = link_of(service, maya.conversation_id)
    service.clock.move(days=13)
    answer = await service.call("POST", f"{CUSTOMER}/links", json={"link": link})
    expires = datetime.fromisoformat(answer.body["token_expires_at"])
    assert expires - service.clock() == timedelta(days=1)

    service.clock.move(days=1)
    late = await service.call("POST", f"{CUSTOMER}/links", json={"link": link})
    assert (late.status, late.code) == (401, "token_expired")


async def test_neither_passes_for_the_other_a_link_and_a_token(service: Service) -> None:
    maya = await service.customer()
    link = link_of(service, maya.conversation_id)

    as_link = await service.call("POST", f"{CUSTOMER}/links", json={"link": maya.token})
    as_token = await service.call("GET", f"{CUSTOMER}/conversation", headers={"Authorization": f"Bearer {link}"})
    assert (as_link.status, as_link.code) == (401, "token_invalid")
    assert (as_token.status, as_token.code) == (401, "token_invalid")


async def test_a_link_to_a_conversation_that_is_no_longer_there_is_not_found(service: Service) -> None:
    answer = await service.call("POST", f"{CUSTOMER}/links", json={"link": link_of(service, "gone")})

    assert (answer.status, answer.code) == (404, "not_found")


async def test_links_cannot_be_guessed_at_speed(service: Service) -> None:
    codes = {(await service.call("POST", f"{CUSTOMER}/links", json={"link": "guess"})).code for _ in range(62)}

    assert codes == {"token_invalid", "too_many_requests"}


@pytest.mark.parametrize("page", ["/c", "/resume/resume.js", "/resume/resume.css"])
async def test_the_page_is_served_with_the_strict_policy(service: Service, page: str) -> None:
    answer = await service.call("GET", page)

    assert answer.status == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert b"{title}" not in answer.body


@pytest.mark.parametrize(
    ("address", "asked_for", "tag", "title"),
    [
        ("/c?language=de", "en", "de", "Ihr Gespräch mit uns"),
        ("/c?language=en", "de", "en", "Your conversation with us"),
        ("/c", "es-MX, en;q=0.5", "es", "Su conversación con nosotros"),
        ("/c?language=%22%3E", "en", "en", "Your conversation with us"),
    ],
)
async def test_the_page_is_in_the_language_of_the_mail_that_leads_to_it(
    service: Service, address: str, asked_for: str, tag: str, title: str
) -> None:
    answer = await service.call("GET", address, headers={"Accept-Language": asked_for})
    page = answer.body.decode()

    assert f'<html lang="{tag}" dir="ltr">' in page
    assert f"<h1>{title}</h1>" in page


@pytest.fixture
def office(settings_of_the_test: Settings) -> Iterator[PostOffice]:
    """A mail server that the service is set to."""
    with post_office() as opened:
        for name, value in (
            ("smtp_host", "127.0.0.1"),
            ("smtp_port", opened.port),
            ("smtp_tls", "none"),
            ("mail_from", "Larkfield Home <support@larkfield.example>"),
        ):
            object.__setattr__(settings_of_the_test, name, value)
        yield opened


async def test_an_answer_reaches_who_closed_the_chat_and_its_link_leads_back(
    office: PostOffice, service: Service
) -> None:
    maya, ben = await service.customer(), await service.agent(BEN)
    stream = await maya.stream()
    case_id = await service.case(maya)
    await ben.post(f"/cases/{case_id}/accept")
    await ben.post(f"/cases/{case_id}/messages", {"client_message_id": "agent-0001", "text": "Read in the chat."})
    await stream.until("message", lambda frame: frame["message"]["text"] == "Read in the chat.")
    await stream.close()

    async def gone() -> bool:
        service.clock.move(seconds=1)
        return service.parts.hub.last_seen(maya.conversation_id) != service.clock()

    await until(gone)
    service.clock.move(minutes=1)
    await ben.post(f"/cases/{case_id}/messages", {"client_message_id": "agent-0002", "text": "It is at the depot."})
    service.clock.move(minutes=5)

    async def came() -> bool:
        return bool(office.mails)

    await until(came)
    text = text_of(office.mails[0])
    assert "It is at the depot." in text
    assert "Read in the chat." not in text
    link = next(line for line in text.splitlines() if "/c?language=en#" in line)
    answer = await service.call("POST", f"{CUSTOMER}/links", json={"link": link.partition("#")[2]})
    assert answer.body["conversation_id"] == maya.conversation_id


@pytest.mark.browser
async def test_who_follows_the_link_reads_the_answer_and_writes_back(service: Service) -> None:
    path = str(require_chromium())
    maya, ben = await service.customer(), await service.agent(BEN)
    case_id = await service.case(maya)
    await ben.post(f"/cases/{case_id}/accept")
    await ben.post(f"/cases/{case_id}/messages", {"client_message_id": "agent-0001", "text": "It is at the depot."})
    home, link = str(service.server.make_url("/")), link_of(service, maya.conversation_id)
    broken: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "401" not in message.text:
            broken.append(message.text)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = await browser.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", note)
        await page.goto(f"{home}c#{link}")
        await page.get_by_text("It is at the depot.").wait_for()
        assert service.parts.hub.last_seen(maya.conversation_id) == service.clock()
        await page.get_by_role("textbox").fill("Thank you!")
        await page.keyboard.press("Enter")
        stream = await ben.stream()
        await stream.send(type="watch", case_id=case_id)
        watched = await stream.until("watched")
        texts = [message["text"] for message in watched["messages"]]
        if "Thank you!" not in texts:
            await stream.until("message", lambda frame: frame["message"]["text"] == "Thank you!")

        service.clock.move(days=15)
        for broken_link, said in ((link, "This link has expired."), ("x" * 40, "This link isn't complete.")):
            await page.goto("about:blank")
            await page.goto(f"{home}c#{broken_link}")
            await page.get_by_text(said).wait_for()
            assert await page.locator("warmline-widget").count() == 0
        await browser.close()
    assert broken == []
