"""The survey that a mail leads to: a page without scripts, opened and sent by the signed link alone (P27)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from aiohttp import web

from handoff.delivery.survey_links import SurveyLinkExpired, SurveyLinkInvalid, SurveyLinks
from handoff.domain.errors import HandoffError, NotFound, NotRatable
from handoff.domain.resolutions import Channel, Survey
from handoff.http.errors import ApiError
from handoff.http.parts import PARTS
from handoff.http.reader import language_of_browser
from handoff.other_languages import direction
from handoff.services.surveys import answer_survey, language_of_survey, surveyed
from handoff.survey_wording import SurveyWords, load_survey_words
from warmline.settings import Settings

LINKS: Final = web.AppKey("survey_links", SurveyLinks)
WORDS: Final = web.AppKey("survey_words", SurveyWords)
COMMENT_CHARACTERS: Final = 1000
_NUMBER: Final = re.compile(r"\d{1,2}", re.ASCII)


def add_survey(app: web.Application, settings: Settings, links: SurveyLinks) -> None:
    """Serve the page. Raises ``WordingError`` when its texts cannot be used."""
    app[LINKS] = links
    app[WORDS] = load_survey_words(settings.data_dir / "wording")
    app.add_routes([web.get("/survey/{token}", show), web.post("/survey/{token}", answer)])


async def show(request: web.Request) -> web.Response:
    """``GET /survey/{token}``: the questions."""
    words = await _words(request)
    try:
        case_id, number = request.app[LINKS].read(request.match_info["token"])
        problem = await surveyed(request.app[PARTS].context, case_id, number)
    except (SurveyLinkInvalid, SurveyLinkExpired, HandoffError) as error:
        return _refused(words, error)
    return _page(words, form_of(words, problem))


async def answer(request: web.Request) -> web.Response:
    """``POST /survey/{token}``: the answers, as a form of the page."""
    words, parts = await _words(request), request.app[PARTS]
    try:
        case_id, number = request.app[LINKS].read(request.match_info["token"])
        parts.messages_limit.check(f"survey {case_id}", "surveys")
        problem = await surveyed(parts.context, case_id, number)
        form = await request.post()
        survey = survey_of({name: value for name, value in form.items() if isinstance(value, str)})
        if survey is None:
            return _page(words, form_of(words, problem, missing=True), status=422)
        await answer_survey(parts.context, case_id, survey, Channel.EMAIL, number=number)
    except (SurveyLinkInvalid, SurveyLinkExpired, HandoffError) as error:
        return _refused(words, error)
    except ApiError as error:
        if error.body.code != "too_many_requests":
            raise
        return _page(words, f"<p>{escape(words['too_many'])}</p>", status=429)
    key = "done_reopened" if survey.solved is False else "done"
    return _page(words, f'<p role="status">{escape(words[key])}</p>')


async def _words(request: web.Request) -> Mapping[str, str]:
    """The texts in the language of the conversation; where it is not known, in one that the browser asks for."""
    try:
        case_id, _ = request.app[LINKS].read(request.match_info["token"])
    except SurveyLinkExpired as error:
        case_id = error.case_id
    except SurveyLinkInvalid:
        return _words_of_browser(request)
    language = await language_of_survey(request.app[PARTS].context, case_id)
    return request.app[WORDS].to(language) if language else _words_of_browser(request)


def _words_of_browser(request: web.Request) -> Mapping[str, str]:
    words = request.app[WORDS]
    spoken = {words.house["language"], *words.others}
    return words.to(language_of_browser(request.headers.get("Accept-Language", ""), spoken))


def survey_of(form: Mapping[str, str]) -> Survey | None:
    """What was filled in; None without stars, or with what the page does not offer."""
    csat, nps = _number(form.get("csat", ""), 1, 5), _number(form.get("nps", ""), 0, 10)
    if csat is None or (nps is None and form.get("nps")):
        return None
    comment = form.get("comment", "").replace("\x00", "").strip()[:COMMENT_CHARACTERS]
    solved = {"yes": True, "no": False}.get(form.get("solved", ""))
    return Survey(csat, nps, comment or None, solved)


def _number(text: str, lowest: int, highest: int) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) and lowest <= int(text) <= highest else None


def _refused(words: Mapping[str, str], error: Exception) -> web.Response:
    key, status = "not_found", 404
    if isinstance(error, SurveyLinkExpired):
        key, status = "expired", 410
    elif isinstance(error, NotRatable):
        key, status = "not_ratable", 409
    elif isinstance(error, HandoffError) and not isinstance(error, NotFound):
        raise error
    return _page(words, f"<p>{escape(words[key])}</p>", status=status)


def form_of(words: Mapping[str, str], problem: str, *, missing: bool = False) -> str:
    """The questions about a case; ``missing`` when the stars were left out the last time."""
    about = escape(words["about"].format(problem=problem))
    alert = f'<p class="alert bad" role="alert">{escape(words["choose"])}</p>' if missing else ""
    stars = "".join(_choice("csat", str(n), words["stars"].format(count=n), required=True) for n in range(1, 6))
    scale = "".join(_choice("nps", str(n), str(n)) for n in range(11))
    solved = _choice("solved", "yes", words["solved_yes"]) + _choice("solved", "no", words["solved_no"])
    return (
        f'<p>{about}</p>{alert}<form method="post" class="survey">'
        f"{_group(words['question'], stars)}{_group(words['solved'], solved)}"
        f"{_group(words['nps'], scale, 'scale', words['nps_hint'])}"
        f'<div class="field"><label for="comment">{escape(words["comment"])}</label>'
        f'<textarea id="comment" name="comment" rows="3" maxlength="{COMMENT_CHARACTERS}"></textarea></div>'
        f'<button class="button primary">{escape(words["send"])}</button></form>'
    )


def _group(legend: str, choices: str, kind: str = "choices", hint: str = "") -> str:
    told = f"<p>{escape(hint)}</p>" if hint else ""
    return f'<fieldset><legend>{escape(legend)}</legend>{told}<div class="{kind}">{choices}</div></fieldset>'


def _choice(name: str, value: str, label: str, *, required: bool = False) -> str:
    must = " required" if required else ""
    return f'<label><input type="radio" name="{name}" value="{value}"{must}> {escape(label)}</label>'


def _page(words: Mapping[str, str], body: str, *, status: int = 200) -> web.Response:
    text = page_text(words, body)
    return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def page_text(words: Mapping[str, str], body: str) -> str:
    """A whole page; the strict CSP of all pages holds for it, which allows no script of others and nothing inline."""
    title, language = escape(words["title"]), words["language"]
    return (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction(language)}">'
        f'<head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        '<link rel="stylesheet" href="/shared/tokens.css"><link rel="stylesheet" href="/shared/base.css">'
        '<link rel="stylesheet" href="/shared/survey.css"></head>'
        f'<body><main class="survey-page"><h1>{title}</h1>{body}</main></body></html>'
    )
