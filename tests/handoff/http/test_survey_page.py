"""The survey that a mail leads to (P27): opened by its link alone, without scripts, for as long as the link says."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from handoff.domain.cases import CaseStatus
from handoff.domain.resolutions import Channel, Survey
from handoff.http.pages import CSP
from handoff.http.reader import language_of_browser
from handoff.http.survey import LINKS, survey_of
from handoff.services.case_steps import accept, resolve
from handoff.services.open_case import open_case
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import resolutions
from handoff.store.schema import cases
from handoff.survey_wording import load_survey_words
from handoff.wording import WordingError
from tests.handoff.cast import BEN, request
from tests.handoff.service import Answer, Service
from tests.handoff.services.test_case_steps import SOLVED
from warmline.paths import PROJECT_ROOT

WEEK = timedelta(days=7)


async def solved(service: Service, language: str | None = None) -> str:
    """A case that Ben solved for Maya."""
    maya = await service.customer(**({"language": language} if language else {}))
    answer = await maya.call("POST", "/messages", json={"client_message_id": "abcdefgh-1", "text": "hello"})
    assert answer.status == 200
    context = service.parts.context
    async with context.db.read() as db:
        conversation = await store.get_conversation(db, maya.conversation_id)
        message = (await store.messages_after(db, conversation.id, 0))[0]
    case_id = (await open_case(context, request(conversation, message))).case_id
    await accept(context, case_id, replace(BEN, languages=(language,)) if language else BEN)
    await resolve(context, case_id, BEN, **SOLVED)
    return case_id


async def page_of(service: Service, method: str, path: str, **form: Any) -> Answer:
    """A page as text."""
    answer = await service.call(method, path, **form)
    return Answer(answer.status, answer.headers, answer.body.decode())


def link(service: Service, case_id: str, number: int = 1) -> str:
    links = service.server.app[LINKS]
    address = links.link(case_id, number, WEEK)
    assert address.startswith(links.public_url)
    return address.removeprefix(links.public_url)


async def test_the_page_asks_by_plain_forms_and_runs_nothing(service: Service) -> None:
    case_id = await solved(service)
    page = await page_of(service, "GET", link(service, case_id))

    assert page.status == 200
    assert page.headers["Content-Security-Policy"] == CSP
    assert page.headers["Cache-Control"] == "no-store"
    assert "where your order LH-10001 is" in page.body
    assert "<script" not in page.body
    assert "style=" not in page.body
    assert page.body.count("<fieldset>") == page.body.count("<legend>") == 3
    assert '<html lang="en" dir="ltr">' in page.body


async def test_an_answer_by_mail_stands_with_its_resolution(service: Service) -> None:
    case_id = await solved(service)
    service.clock.move(days=2)
    form = {"csat": "4", "nps": "8", "comment": " Quick <b>enough</b> ", "solved": "yes"}
    done = await page_of(service, "POST", link(service, case_id), data=form)
    async with service.parts.context.db.read() as db:
        (row,) = await resolutions.resolutions_of(db, case_id)

    assert (done.status, 'role="status"' in done.body) == (200, True)
    assert (row.csat, row.nps, row.comment, row.rated_by, row.agent_id) == (
        4,
        8,
        "Quick <b>enough</b>",
        Channel.EMAIL,
        BEN.id,
    )


async def test_that_it_is_not_solved_opens_the_case_again(service: Service) -> None:
    case_id = await solved(service)
    done = await page_of(service, "POST", link(service, case_id), data={"csat": "1", "solved": "no"})
    async with service.parts.context.db.read() as db:
        case = await case_store.get_case(db, case_id)
    again = await page_of(service, "GET", link(service, case_id))

    assert "sorry" in done.body
    assert case.status is CaseStatus.OPEN
    assert again.status == 409


@pytest.mark.parametrize(
    ("language", "tag", "asked", "about"),
    [
        ("de-AT", "de", "Wie gut haben wir das für Sie gelöst?", "es ging um den Stand Ihrer Bestellung LH-10001"),
        ("es", "es", "¿Qué tal se lo hemos resuelto?", "sobre el estado de su pedido LH-10001"),
        ("fr", "en", "How well did we solve this for you?", "about where your order LH-10001 is"),
    ],
)
async def test_the_page_speaks_the_language_of_the_conversation_to_its_end(
    service: Service, language: str, tag: str, asked: str, about: str
) -> None:
    case_id = await solved(service, language)
    address = link(service, case_id)
    english = {"Accept-Language": "en"}
    page = await page_of(service, "GET", address, headers=english)
    again = await page_of(service, "POST", address, data={"nps": "3"}, headers=english)
    service.clock.move(days=7)
    over = await page_of(service, "GET", address, headers=english)
    words = load_survey_words(PROJECT_ROOT / "data" / "wording").to(language)

    assert all(f'<html lang="{tag}" dir="ltr">' in one.body for one in (page, again, over))
    assert asked in page.body
    assert about in page.body
    assert words["choose"] in again.body
    assert words["expired"] in over.body


async def test_where_no_conversation_is_known_the_browser_says_which_language(service: Service) -> None:
    page = await page_of(service, "GET", "/survey/x", headers={"Accept-Language": "fr, en;q=0.2, de-CH;q=0.9"})
    assert "Unter dieser Adresse gibt es keine Umfrage." in page.body


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("DE-at", "de"),
        ("fr,es;q=0.1", "es"),
        ("de;q=0, es", "es"),
        ("en, de", "en"),
        ("*", None),
        ("", None),
        ("de;q=x, ;, -, es;q=1", "es"),
        (",".join(["fr"] * 20) + ",de", None),
    ],
)
def test_what_a_browser_asks_for_is_read_or_ignored(header: str, language: str | None) -> None:
    assert language_of_browser(header, {"en", "de", "es"}) == language


async def test_without_stars_the_page_asks_again(service: Service) -> None:
    case_id = await solved(service)
    page = await page_of(service, "POST", link(service, case_id), data={"nps": "3"})
    assert (page.status, 'role="alert"' in page.body) == (422, True)


async def test_a_link_is_signed_and_expires_and_is_no_other_token(service: Service) -> None:
    case_id = await solved(service)
    maya = await service.customer()
    address = link(service, case_id)
    for strange in (address[:-3], "/survey/x", f"/survey/{maya.token}", link(service, "nobody")):
        page = await page_of(service, "GET", strange)
        assert (page.status, "no survey at this address" in page.body) == (404, True), strange
    assert (await service.call("GET", "/api/customer/v1/conversation", headers=_bearer(address))).status == 401
    service.clock.move(days=7)
    expired = await page_of(service, "POST", address, data={"csat": "5"})
    assert (expired.status, "over" in expired.body) == (410, True)


def _bearer(address: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {address.removeprefix('/survey/')}"}


async def test_what_customers_wrote_is_text_on_the_page(service: Service) -> None:
    case_id = await solved(service)
    context = service.parts.context
    async with context.db.write() as db:
        await db.execute(update(cases).where(cases.c.id == case_id).values(problem="<img src=x onerror=y>"))
    page = await page_of(service, "GET", link(service, case_id))

    assert "<img" not in page.body
    assert "&lt;img src=x" in page.body


@pytest.mark.parametrize(
    ("form", "survey"),
    [
        ({"csat": "5"}, Survey(5)),
        ({"csat": "1", "nps": "0", "solved": "no", "comment": "x\x00y"}, Survey(1, 0, "xy", solved=False)),
        ({"csat": "5", "nps": ""}, Survey(5)),
        ({"csat": "6"}, None),
        ({"csat": "0"}, None),
        ({"csat": "٣"}, None),
        ({"csat": "5", "nps": "11"}, None),
        ({}, None),
    ],
)
def test_a_form_is_read_or_refused(form: dict[str, str], survey: Survey | None) -> None:
    assert survey_of(form) == survey


@pytest.mark.parametrize(
    ("text", "instead", "told"),
    [
        ("send:", "sent:", "nothing called sent"),
        ('send: "Send"', "", "has no text send"),
        ("{count}", "{who}", "in braces may stand count"),
        ("{", "", "brace"),
    ],
)
def test_a_text_that_is_missing_or_holds_a_strange_word_stops_the_start(
    tmp_path: Path, text: str, instead: str, told: str
) -> None:
    shipped = (PROJECT_ROOT / "data" / "wording" / "survey.yml").read_text(encoding="utf-8")
    (tmp_path / "survey.yml").write_text(shipped.replace(text, instead), encoding="utf-8")
    with pytest.raises(WordingError, match=told):
        load_survey_words(tmp_path)


def test_the_shipped_texts_are_whole() -> None:
    words = load_survey_words(PROJECT_ROOT / "data" / "wording")

    assert words.house["language"] == "en"
    assert words.others.keys() == {"de", "es"}
    alike = {key for other in words.others.values() for key in words.house if other[key] == words.house[key]}
    assert alike == set()


def test_a_translation_may_lack_texts_and_is_named_after_its_language(tmp_path: Path) -> None:
    shutil.copy(PROJECT_ROOT / "data" / "wording" / "survey.yml", tmp_path)
    (tmp_path / "survey.fr.yml").write_text("send: Envoyer\n", encoding="utf-8")
    french = load_survey_words(tmp_path).to("fr-CA")
    (tmp_path / "survey.french.yml").write_text("send: Envoyer\n", encoding="utf-8")

    assert (french["send"], french["title"], french["language"]) == ("Envoyer", "How did we do?", "fr")
    with pytest.raises(WordingError, match="name it after its language"):
        load_survey_words(tmp_path)
