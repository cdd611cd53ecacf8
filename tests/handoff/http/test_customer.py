"""The customer protocol over HTTP, line by line of its page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData

from handoff.domain.conversations import BotReply, Button
from handoff.http import schemas
from handoff.services.bot_replies import BotAnswer
from tests.handoff.cast import ANA, BEN, MAYA, PRIYA, START, until
from tests.handoff.service import CUSTOMER, Customer, Service, call


async def test_a_language_that_is_no_tag_is_refused(service: Service) -> None:
    answer = await service.call("POST", f"{CUSTOMER}/conversations", json={"language": "Deutsch, bitte"})
    assert (answer.status, answer.code) == (422, "bad_value")


async def test_an_empty_body_begins_a_visitors_conversation(service: Service) -> None:
    answer = await service.call("POST", f"{CUSTOMER}/conversations", json={})

    assert answer.status == 201
    begun = schemas.Begun.model_validate(answer.body)
    assert (begun.version, begun.limits.message_characters) == (1, 4000)
    assert (begun.customer.name, begun.customer.verified) == (None, False)
    assert begun.token_expires_at == START + timedelta(days=7)
    assert "greeting" in begun.wording


async def test_a_signed_customer_is_verified_and_finds_the_conversation_again(service: Service) -> None:
    first, again = await service.customer(MAYA), await service.customer(MAYA)

    assert first.begun["customer"] == {"name": "Maya Lind", "verified": True}
    assert again.conversation_id == first.conversation_id


async def test_a_visitor_resumes_with_the_token_and_a_fresh_start_ends_it(service: Service) -> None:
    visitor = await service.customer(None, name="Sam")
    again = await visitor.call("POST", "/conversations", json={})
    fresh = await visitor.call("POST", "/conversations", json={"fresh": True})

    assert (again.status, again.body["conversation_id"]) == (200, visitor.conversation_id)
    assert again.body["customer"]["name"] == "Sam"
    assert (fresh.status, fresh.body["conversation_id"] != visitor.conversation_id) == (201, True)
    assert (await visitor.say("hello?")).code == "conversation_closed"


async def test_a_conversation_is_read_from_where_one_was(service: Service) -> None:
    maya = await service.customer()
    for text in ("one", "two"):
        assert (await maya.say(text)).status == 200

    async def answered() -> bool:
        return len((await maya.call("GET", "/conversation")).body["messages"]) == 4

    await until(answered)
    whole = await maya.call("GET", "/conversation")
    rest = await maya.call("GET", "/conversation?after=3")
    found = schemas.ConversationAnswer.model_validate(whole.body)

    assert [m.seq for m in found.messages] == [1, 2, 3, 4]
    assert found.last_seq == 4
    assert found.state.owner.type == "bot"
    assert found.state.case is None
    assert [m["seq"] for m in rest.body["messages"]] == [4]
    assert whole.headers["Cache-Control"] == "no-store"


async def test_a_message_sent_twice_is_answered_the_same(service: Service) -> None:
    maya = await service.customer()
    body = {"client_message_id": "abcdefgh-1", "text": "hello"}
    first = await maya.call("POST", "/messages", json=body)
    service.clock.move(seconds=5)
    again = await maya.call("POST", "/messages", json=body)

    assert first.body == again.body == {"client_message_id": "abcdefgh-1", "seq": 1, "created_at": START.isoformat()}


async def test_a_button_is_chosen_by_its_place_and_its_payload_never_leaves_the_server(service: Service) -> None:
    service.bot.answers = [
        BotAnswer((BotReply("Shall I?", (Button("Yes", "/affirm_secretly"), Button("No", "/deny_secretly"))),), None)
    ]
    maya = await service.customer()
    stream = await maya.stream()
    await maya.say("cancel it")
    offered = await stream.until("message", lambda f: f["message"]["sender"]["type"] == "bot")

    assert offered["message"]["buttons"] == [{"title": "Yes", "index": 0}, {"title": "No", "index": 1}]
    chosen = {"client_message_id": "abcdefgh-2", "button": {"seq": 2, "index": 1}}
    assert (await maya.call("POST", "/messages", json=chosen)).status == 200
    await service.bot.was_asked(2)
    assert service.bot.texts()[1] == "/deny_secretly"
    await until(lambda: _replied(maya, 4))
    everything = (await maya.call("GET", "/conversation")).body
    assert [m["text"] for m in everything["messages"]][:3] == ["cancel it", "Shall I?", "No"]
    assert "/affirm_secretly" not in str(everything) + str(stream.frames)
    old = {"client_message_id": "abcdefgh-3", "button": {"seq": 2, "index": 1}}
    assert (await maya.call("POST", "/messages", json=old)).code == "button_not_available"


async def _replied(customer: Customer, last_seq: int) -> bool:
    return bool((await customer.call("GET", "/conversation")).body["last_seq"] >= last_seq)


async def test_an_answer_is_rated_over_http_and_what_is_none_is_refused_with_a_code(service: Service) -> None:
    maya, priya = await service.customer(), await service.customer(PRIYA)
    await maya.say("where is my parcel")
    await until(lambda: _replied(maya, 2))
    question, answer = (await maya.call("GET", "/conversation")).body["messages"]
    assert (question["can_rate"], answer["can_rate"], answer["rating"]) == (False, True, None)

    async def rate(who: Customer = maya, **body: Any) -> Any:
        return await who.call("POST", "/ratings", json={"message_id": answer["id"], "rating": "helpful", **body})

    kept = await rate()
    assert (kept.status, kept.body) == (200, {"message_id": answer["id"], "rating": "helpful"})
    assert (await maya.call("GET", "/conversation?after=1")).body["messages"][0]["rating"] == "helpful"
    assert (await rate(rating="unhelpful")).body["rating"] == "unhelpful"
    assert [(r.status, r.code) for r in (await rate(message_id="unheard-of"), await rate(priya))] == [
        (404, "not_found")
    ] * 2
    refused = await rate(message_id=question["id"])
    assert (refused.status, refused.code) == (409, "not_ratable")
    for body, code in (
        ({"rating": "fine"}, "bad_value"),
        ({"rating": 1}, "bad_value"),
        ({"stars": 1}, "unknown_field"),
    ):
        assert ((await rate(**body)).status, (await rate(**body)).code) == (422, code)
    assert (await maya.call("POST", "/ratings", json={"rating": "helpful"})).code == "missing_field"


async def test_a_person_is_asked_for_rated_and_asked_again(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    rating = {"case_id": case_id, "csat": 5, "comment": "Quick"}
    assert (await maya.call("POST", "/survey", json=rating)).code == "not_ratable"
    await ben.post(f"/cases/{case_id}/accept")
    solved = {"disposition": "solved", "root_cause": "carrier_late", "outcome": "Sent again"}
    assert (await ben.post(f"/cases/{case_id}/resolve", solved)).status == 200
    state = schemas.State.model_validate((await maya.call("GET", "/conversation")).body["state"])
    assert state.case is not None
    assert (state.case.status, state.case.can_rate, state.case.can_reopen) == ("closed", True, True)
    assert (state.case.outcome, state.case.next_update_due) == ("Sent again", None)

    rated = await maya.call("POST", "/survey", json=rating)
    assert schemas.SurveyAccepted.model_validate(rated.body).csat == 5
    again = {"client_message_id": "abcdefgh-9", "case_id": case_id, "note": "Still broken"}
    reopened = await maya.call("POST", "/reopen", json=again)
    assert schemas.ReopenAccepted.model_validate(reopened.body).seq is not None
    assert (await maya.call("POST", "/reopen", json=again)).body == reopened.body
    plain = {"client_message_id": "abcdefgh-a", "case_id": case_id}
    assert (await maya.call("POST", "/reopen", json=plain)).body == {"case_id": case_id, "seq": None}


async def test_a_customer_reaches_their_own_conversation_and_case_alone(service: Service) -> None:
    maya, priya = await service.customer(MAYA), await service.customer(PRIYA)
    case_id = await service.case(maya)
    await maya.say("my secret")

    assert "my secret" not in str((await priya.call("GET", "/conversation")).body)
    assert (await priya.call("POST", "/survey", json={"case_id": case_id, "csat": 1})).code == "not_found"
    theirs = {"client_message_id": "abcdefgh-1", "case_id": case_id}
    assert (await priya.call("POST", "/reopen", json=theirs)).code == "not_found"


TEXTS = [
    ({"client_message_id": "abcdefgh", "text": ""}, 422, "message_empty", "text"),
    ({"client_message_id": "abcdefgh", "text": " \n\t\u00a0"}, 422, "message_empty", "text"),
    ({"client_message_id": "abcdefgh", "text": "x" * 4001}, 422, "message_too_long", "text"),
    ({"client_message_id": "abcdefgh", "text": 7}, 422, "wrong_type", "text"),
    ({"client_message_id": "abcdefgh", "text": "a\x00b"}, 422, "bad_value", "text"),
    ({"client_message_id": "abcdefgh", "text": "hi", "colour": "red"}, 422, "unknown_field", "colour"),
    ({"client_message_id": "short", "text": "hi"}, 422, "bad_value", "client_message_id"),
    ({"client_message_id": "x" * 65, "text": "hi"}, 422, "bad_value", "client_message_id"),
    ({"client_message_id": "no spaces here", "text": "hi"}, 422, "bad_value", "client_message_id"),
    ({"client_message_id": "abcdefgh\n", "text": "hi"}, 422, "bad_value", "client_message_id"),
    ({"text": "hi"}, 422, "missing_field", "client_message_id"),
    ({"client_message_id": "abcdefgh"}, 422, "missing_field", "body"),
    ({"client_message_id": "abcdefgh", "text": "hi", "person": True}, 422, "missing_field", "body"),
    ({"client_message_id": "abcdefgh", "person": False}, 422, "bad_value", "person"),
    ({"client_message_id": "abcdefgh", "button": {"seq": 10**30, "index": 0}}, 422, "bad_value", "button.seq"),
    ({"client_message_id": "abcdefgh", "button": {"seq": 1, "index": -1}}, 422, "bad_value", "button.index"),
    ({"client_message_id": "abcdefgh", "button": {"seq": "1", "index": 0}}, 422, "wrong_type", "button.seq"),
    ({"client_message_id": "abcdefgh", "button": {"seq": 1}}, 422, "missing_field", "button.index"),
    ({"client_message_id": "abcdefgh", "button": [1, 2]}, 422, "wrong_type", "button"),
    ({"client_message_id": None, "text": None}, 422, "wrong_type", "client_message_id"),
]


@pytest.mark.parametrize(("body", "status", "code", "field"), TEXTS)
async def test_a_message_that_is_none_is_refused_with_the_field_that_is_wrong(
    service: Service, body: Any, status: int, code: str, field: str
) -> None:
    maya = await service.customer()
    answer = await maya.call("POST", "/messages", json=body)

    assert (answer.status, answer.code, answer.body["error"]["data"]["field"]) == (status, code, field)
    assert (await maya.call("GET", "/conversation")).body["last_seq"] == 0


async def test_a_long_message_is_told_the_limit_and_one_of_4000_characters_is_taken(service: Service) -> None:
    maya = await service.customer()
    refused = await maya.say("ü" * 4001)

    assert refused.body["error"]["message"] == "A message has at most 4,000 characters; this one has 4,001."
    assert refused.body["error"]["data"] == {"field": "text", "limit": 4000}
    assert (await maya.say("😀" * 4000)).status == 200


RAW = [
    (b"{not json", 400, "not_json"),
    (b"", 400, "not_json"),
    (b"[]", 400, "not_json"),
    (b'"text"', 400, "not_json"),
    (b"\xff\xfe{}", 400, "not_json"),
    (b'{"text": NaN}', 400, "not_json"),
    (b"[" * 30_000, 400, "not_json"),
    (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, (400, 422), ("not_json", "unknown_field")),
    (b'{"text": ' + b"9" * 5000 + b"}", 400, "not_json"),
    (b'{"text": "\\ud800"}', 422, "bad_value"),
    (b'{"\\udfff": 1}', 422, "bad_value"),
    (b'{"text": "' + b"x" * 70_000 + b'"}', 413, "body_too_large"),
]


@pytest.mark.parametrize(("raw", "status", "code"), RAW, ids=range(len(RAW)))
@pytest.mark.parametrize("path", ["/messages", "/survey", "/reopen", "/conversations"])
async def test_a_body_that_is_no_json_object_in_utf8_is_refused(
    service: Service, path: str, raw: bytes, status: Any, code: Any
) -> None:
    maya = await service.customer()
    answer = await maya.call("POST", path, data=raw, headers={"Content-Type": "application/json"})

    assert answer.status in (status if isinstance(status, tuple) else (status,)), answer.body
    assert answer.code in (code if isinstance(code, tuple) else (code,))


async def test_a_body_of_another_type_is_refused(service: Service) -> None:
    maya = await service.customer()
    form = FormData({"text": "hi"})

    assert (await maya.call("POST", "/messages", data=form)).code == "unsupported_media_type"
    assert (await maya.call("POST", "/messages", data=b"{}")).status == 415


async def test_a_body_whose_encoding_is_broken_is_refused(service: Service) -> None:
    maya = await service.customer()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await maya.call("POST", "/messages", data=b"not gzip at all", headers=headers)

    assert answer.status == 400


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 10, "\u0663"])
async def test_a_number_to_read_from_is_a_number(service: Service, after: str) -> None:
    maya = await service.customer()
    answer = await maya.call("GET", "/conversation", params={"after": after})
    assert (answer.status, answer.code, answer.body["error"]["data"]) == (422, "bad_value", {"field": "after"})


async def test_too_many_messages_are_refused_for_a_while_and_nothing_breaks(service: Service) -> None:
    maya, priya = await service.customer(MAYA), await service.customer(PRIYA)
    answers = [await maya.say(f"message {n}") for n in range(21)]

    assert [a.status for a in answers] == [200] * 20 + [429]
    assert answers[-1].code == "too_many_requests"
    wait = answers[-1].body["error"]["data"]["retry_after_seconds"]
    assert answers[-1].headers["Retry-After"] == str(wait)
    assert (await priya.say("me too")).status == 200, "another customer is not held up"
    service.clock.move(seconds=wait)
    assert (await maya.say("again")).status == 200


async def test_too_many_beginnings_from_one_address_are_refused(service: Service) -> None:
    session = service.browser()
    statuses = [(await call(session, "POST", f"{CUSTOMER}/conversations", json={})).status for _ in range(61)]
    assert statuses == [201] * 60 + [429]
    service.clock.move(seconds=61)
    assert (await call(session, "POST", f"{CUSTOMER}/conversations", json={})).status == 201


async def test_notes_and_reasons_of_the_desk_never_reach_the_customer(service: Service) -> None:
    maya = await service.customer()
    case_id = await service.case(maya)
    ben = await service.agent(BEN)
    await ben.post(f"/cases/{case_id}/notes", {"text": "a private thought"})
    seen = str((await maya.call("GET", "/conversation")).body)

    for hidden in ("a private thought", "frustration", "explicit_request", "severity", ANA.email, BEN.email):
        assert hidden not in seen


async def test_an_unknown_path_and_a_wrong_method_are_told_apart(service: Service) -> None:
    nowhere = await service.call("GET", f"{CUSTOMER}/nowhere")
    wrong = await service.call("DELETE", f"{CUSTOMER}/messages")

    assert (nowhere.status, nowhere.code) == (404, "not_found")
    assert (wrong.status, wrong.code, wrong.headers["Allow"]) == (405, "method_not_allowed", "POST")


async def test_an_address_is_left_by_its_own_call_and_one_that_cannot_be_right_is_refused_with_the_reason(
    service: Service,
) -> None:
    sam = await service.customer(None)
    kept = await sam.call("POST", "/contact", json={"email": " Sam@Mail.Example "})
    wrong = await sam.call("POST", "/contact", json={"email": "sam@mail"})

    assert (kept.status, kept.body) == (200, {"email": "Sam@mail.example"})
    assert (wrong.status, wrong.code) == (422, "email_invalid")
    assert wrong.body["error"]["data"] == {"why": "ending", "field": "email"}
    assert "the ending is missing" in wrong.body["error"]["message"]
    assert (
        await sam.call("POST", "/contact", json={"email": "sam@mail.example", "name": "Sam"})
    ).code == "unknown_field"
    assert (await service.call("POST", f"{CUSTOMER}/contact", json={"email": "sam@mail.example"})).status == 401


async def test_the_state_has_no_range_while_nothing_can_be_said(service: Service) -> None:
    maya = await service.customer()
    await service.case(maya)
    state = (await maya.call("GET", "/conversation")).body["state"]

    assert (state["case"]["position"], state["case"]["wait"]) == (1, None)
