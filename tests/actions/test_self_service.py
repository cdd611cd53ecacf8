"""Self-service on the demo shop: what happens once, what is said when the shop fails, what is remembered."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from actions.content import ContentError, load_choices, load_guides
from actions.dialogue.interruption import SELF_SERVICE
from actions.dialogue.readers import ANSWER_SLOTS, READERS
from actions.forms import Form, question_kind
from actions.orders import CancelOrder, CancelOrderForm, OrderStatusForm
from actions.returns import RefundForm, RefundItem
from actions.self_service import ACTIONS, FORMS, build_services, self_service_actions
from actions.services import Services
from actions.shop.errors import Refusal, ShopUncertain
from actions.shop.http_shop import HttpShop
from actions.shop.model import ChargeKind, PlanState, ProblemKind, Remedy, RepairState, ReturnState
from actions.shop.secret import main as print_secret
from actions.shop.secret import shop_secret
from actions.shop.sqlite_database import ShopDatabase
from actions.shop.sqlite_shop import SqliteShop
from tests.actions.self_service_cast import MONDAY, Stage
from warmline.policy import load_policy
from warmline.secrets import ensure_secrets
from warmline.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
REFUND = {
    "order_number": "LH-10003",
    "item": "KET-100",
    "reason": "broken lid",
    "confirm_refund": True,
    "form_data": {"customer_id": "C-1001", "amount": "39.00", "refunded_before": "0.00"},
}


@pytest.fixture
async def unreachable(services: Services, unused_tcp_port: int) -> AsyncIterator[Services]:
    alone = replace(services, shop=HttpShop(f"http://127.0.0.1:{unused_tcp_port}", "s" * 32))
    yield alone
    await alone.aclose()


@pytest.fixture
def refunds(shop_file: Path) -> Callable[[], int]:
    """Counts the refunds that were made since the shop was seeded."""

    def count() -> int:
        with ShopDatabase(shop_file).connection() as connection:
            return int(connection.execute("SELECT COUNT(*) FROM refunds").fetchone()[0])

    seeded = count()
    return lambda: count() - seeded


async def test_a_refund_whose_answer_was_lost_in_a_crash_is_paid_once(
    services: Services, refunds: Callable[[], int]
) -> None:
    """The action ran and the process died before Rasa heard of it: the same message comes again."""
    stage = Stage("yes", "affirm", slots=dict(REFUND), message_id="m-7")
    lost = await stage.run(RefundItem(services))
    again = await stage.run(RefundItem(services))
    assert lost.said == again.said
    assert again.responses == ["utter_refund_done"]
    assert refunds() == 1


async def test_another_message_asking_for_the_same_refund_is_refused(
    services: Services, refunds: Callable[[], int]
) -> None:
    await Stage("yes", "affirm", slots=dict(REFUND), message_id="m-7").run(RefundItem(services))
    second = await Stage("yes", "affirm", slots=dict(REFUND), message_id="m-8").run(RefundItem(services))
    assert second.responses == ["utter_refused_already_refunded"]
    assert refunds() == 1


async def test_a_refund_above_the_limit_pays_nothing_and_hands_over(
    services: Services, refunds: Callable[[], int]
) -> None:
    """P4."""
    slots = {**REFUND, "confirm_refund": None, "escalation": {"action": "none", "message_id": "m-1"}}
    strict = replace(services, refund_limit=Decimal("38.99"))
    run = await Stage("broken lid", slots=slots).run(RefundItem(strict))
    assert run.responses == ["utter_refund_above_limit"]
    assert run.slots["authority_exceeded"]["amount"] == "39.00"
    assert run.slots["escalation"] == {"action": "now", "message_id": "m-1"}
    assert refunds() == 0


async def test_a_refund_of_exactly_the_limit_is_within_it(services: Services, refunds: Callable[[], int]) -> None:
    exact = replace(services, refund_limit=Decimal("39.00"))
    assert (await Stage("yes", "affirm", slots=dict(REFUND)).run(RefundItem(exact))).responses == ["utter_refund_done"]
    assert refunds() == 1


async def test_a_shop_that_cannot_be_reached_ends_the_form_and_offers_a_person(unreachable: Services) -> None:
    run = await Stage("where is LH-10001", "order_status", entities={"order_number": "LH-10001"}).starts(
        OrderStatusForm(unreachable)
    )
    assert run.responses == ["utter_shop_unavailable"]
    assert run.slots["form_left"] is True
    assert run.slots["requested_slot"] is None


async def test_an_action_says_that_nothing_was_changed_when_the_shop_cannot_be_reached(unreachable: Services) -> None:
    run = await Stage("yes", "affirm", slots=dict(REFUND)).run(RefundItem(unreachable))
    assert run.responses == ["utter_shop_unavailable"]
    assert run.slots["last_outcome"] == {"action": "action_refund", "outcome": "shop_unavailable"}


async def test_an_action_does_not_claim_what_it_cannot_know(services: Services) -> None:
    class Deaf(SqliteShop):
        async def refund(self, *_: Any, **__: Any) -> Any:
            raise ShopUncertain

    deaf = replace(services, shop=Deaf(Path("unused.db"), lambda: MONDAY))
    run = await Stage("yes", "affirm", slots=dict(REFUND)).run(RefundItem(deaf))
    assert run.responses == ["utter_shop_uncertain"]


async def test_the_action_of_a_form_that_was_left_says_nothing_and_does_nothing(
    services: Services, refunds: Callable[[], int]
) -> None:
    run = await Stage("x", slots={**REFUND, "form_left": True}).run(RefundItem(services))
    assert run.responses == []
    assert run.slots["form_left"] is None
    assert refunds() == 0


async def test_the_answers_of_a_request_are_forgotten_and_its_order_kept(services: Services) -> None:
    run = await Stage("yes", "affirm", slots=dict(REFUND)).run(RefundItem(services))
    assert run.slots["order_number"] == "LH-10003"
    assert [run.slots[slot] for slot in ("item", "reason", "confirm_refund", "form_data")] == [None] * 4


async def test_a_form_started_again_begins_without_the_answers_of_one_that_was_dropped(services: Services) -> None:
    old = {
        "reason": "old",
        "confirm_refund": True,
        "form_attempts": {"reason": 2},
        "authority_exceeded": {"amount": "1"},
    }
    stage = Stage("refund LH-10003", "request_refund", slots=old, entities={"order_number": "LH-10003"})
    run = await stage.starts(RefundForm(services))
    assert run.responses == ["utter_question_refund_reason"]
    assert run.slots["form_attempts"] == {}
    assert run.slots["authority_exceeded"] is None


async def test_on_the_way_back_from_a_question_the_form_asks_again_and_counts_nothing(services: Services) -> None:
    slots = {"order_number": "LH-10002", "requested_slot": "confirm_cancel", "form_data": {"order_number": "LH-10002"}}
    back = Stage("how long do refunds take?", "faq", slots=slots, active="cancel_order_form")
    first = await back.run(CancelOrderForm(services))
    assert first.rejected
    assert first.responses == []
    back.after_message = [
        {"event": "action_execution_rejected", "name": "cancel_order_form"},
        {"event": "action", "name": "utter_faq"},
    ]
    again = await back.run(CancelOrderForm(services))
    assert again.responses == ["utter_question_confirm_cancel"]
    assert again.slots["form_attempts"] == {}


async def test_a_confirmation_that_names_another_order_confirms_nothing(services: Services) -> None:
    slots = {"requested_slot": "confirm_cancel", "form_data": {"order_number": "LH-10002", "customer_id": "C-1001"}}
    run = await Stage("yes LH-10001", "inform", slots=slots, entities={"order_number": "LH-10001"}).run(
        CancelOrderForm(services)
    )
    assert run.responses == ["utter_refused_already_shipped"]
    assert run.slots.get("confirm_cancel") is None


async def test_without_metadata_the_customer_is_an_unverified_visitor(services: Services) -> None:
    """As in ``rasa shell``."""
    stage = Stage("cancel LH-10002", "cancel_order", entities={"order_number": "LH-10002"}, customer=None)
    assert (await stage.starts(CancelOrderForm(services))).responses == ["utter_question_email"]


async def test_a_verified_identity_that_the_shop_does_not_know_proves_nothing(services: Services) -> None:
    stranger = {"id": "C-9999", "verified": True}
    stage = Stage("cancel LH-10002", "cancel_order", entities={"order_number": "LH-10002"}, customer=stranger)
    assert (await stage.starts(CancelOrderForm(services))).responses == ["utter_question_email"]


async def test_an_unverified_id_of_a_customer_proves_nothing(services: Services) -> None:
    pretender = {"id": "C-1001", "name": "Maya Lind", "verified": False}
    stage = Stage("cancel LH-10002", "cancel_order", entities={"order_number": "LH-10002"}, customer=pretender)
    assert (await stage.starts(CancelOrderForm(services))).responses == ["utter_question_email"]


async def test_a_change_that_was_not_confirmed_is_not_made(services: Services) -> None:
    slots = {"order_number": "LH-10002", "confirm_cancel": False, "form_data": {"customer_id": "C-1001"}}
    assert (await Stage("no", "deny", slots=slots).run(CancelOrder(services))).responses == ["utter_cancel_dropped"]
    assert (await services.shop.order("C-1001", "LH-10002")).state == "processing"


def domain() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "domain.yml").read_text())
    return loaded


def responses() -> dict[str, Any]:
    return {
        name: variants
        for file in sorted((ROOT / "data" / "responses").glob("*.yml"))
        for name, variants in YAML(typ="safe").load(file.read_text())["responses"].items()
    }


def test_every_form_and_action_of_the_domain_is_served(services: Services) -> None:
    elsewhere = {"action_validate_slot_mappings", "action_handoff", "action_reopen_case"}
    elsewhere |= {"action_take_request", "action_ask_which", "action_not_known", "action_another_answer"}
    served = {action.name() for action in self_service_actions(services)}
    assert served == set(domain()["actions"]) - elsewhere
    assert {f"validate_{form}" for form in domain()["forms"]} == {name for name in served if "validate" in name}


def test_a_form_steps_aside_for_every_other_request_that_can_be_made() -> None:
    assert {form.intent for form in FORMS} | {"delivery_options"} == SELF_SERVICE


def test_every_slot_that_a_form_asks_for_can_be_read_and_is_in_the_domain() -> None:
    for form in domain()["forms"].values():
        assert set(form["required_slots"]) <= set(READERS)
    assert set(READERS) <= set(domain()["slots"])
    assert set(ANSWER_SLOTS) <= set(domain()["slots"])


def test_every_response_that_is_uttered_exists_and_every_one_that_exists_is_uttered() -> None:
    """Names that the code builds from a value are spelt out here."""
    sources = [*sorted((ROOT / "actions").glob("*.py")), *sorted((ROOT / "data" / "rules").glob("*.yml"))]
    named = set(re.findall(r'"?(utter_[a-z_]+[a-z])\b(?!\{)', "\n".join(file.read_text() for file in sources)))
    named -= {"utter_message", "utter_faq", "utter_action", "utter_ask"}
    built = {
        *(f"utter_refused_{refusal.value}" for refusal in Refusal),
        *(f"utter_{kind}_{question_kind(slot)}" for kind in ("invalid", "hint") for slot in READERS),
        *(f"utter_charge_{kind.value}" for kind in ChargeKind),
        *(f"utter_problem_{remedy.value}" for remedy in Remedy),
        *(f"utter_question_describe_{kind.value}" for kind in ProblemKind),
        *(f"utter_order_{state}" for state in ("processing", "packed", "delivered", "cancelled", "not_shipped_late")),
        *(f"utter_order_shipped{when}" for when in ("", "_today", "_late", "_late_by_a_day")),
        *("utter_order_not_found", "utter_order_not_yours", "utter_order_unchanged", "utter_order_still_late"),
        *(f"utter_money_{state}{late}" for state in ("sent", "set_free") for late in ("", "_overdue")),
        *("utter_money_after_check", "utter_money_after_parcel"),
        *(f"utter_return_{state.value}" for state in ReturnState),
        *(f"utter_plan_state_{state}" for state in (*PlanState, "pausing")),
        *("utter_question_resume_paused", "utter_question_resume_ending"),
        *("utter_guarantee_valid", "utter_guarantee_over"),
        *(f"utter_repair_{state}" for state in (*RepairState, "late")),
        *(f"utter_stock_{state}" for state in ("available", "few", "last_one", "back_soon", "sold_out")),
        *(f"utter_gift_card_{state}" for state in ("balance", "empty", "expired")),
    }
    prefixes = {
        "utter_order",
        "utter_charge",
        "utter_problem",
        "utter_invalid",
        "utter_hint",
        "utter_refused",
        "utter_question_describe",
        "utter_money",
        "utter_return",
        "utter_plan_state",
        "utter_question_resume",
        "utter_guarantee",
        "utter_repair",
        "utter_stock",
        "utter_gift_card",
    }
    assert (named | built) - prefixes == set(responses())


def test_every_self_service_answer_leaves_no_brace_open() -> None:
    """A brace that no code fills would reach the customer as it stands."""
    slots = set(domain()["slots"])
    filled = set(
        re.findall(
            r'"([a-z_]+)": |([a-z_]+)=',
            "\n".join(file.read_text() for file in (ROOT / "actions").glob("*.py")),
        )
    )
    known = slots | {name for pair in filled for name in pair if name}
    for name, variants in responses().items():
        for variant in variants:
            assert set(re.findall(r"\{([a-z_]+)\}", variant["text"])) <= known, name


def test_every_button_of_a_response_starts_something_that_a_rule_or_a_form_knows() -> None:
    intents = {next(iter(intent)) if isinstance(intent, dict) else intent for intent in domain()["intents"]}
    for name, variants in responses().items():
        for variant in variants:
            for button in variant.get("buttons", ()):
                assert button["payload"].removeprefix("/") in intents, name


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_started_by_its_intent_and_followed_by_its_action(form: type[Form]) -> None:
    rules = [
        rule
        for file in (ROOT / "data" / "rules").glob("*.yml")
        for rule in YAML(typ="safe").load(file.read_text())["rules"]
    ]
    starts = [rule["steps"] for rule in rules if {"intent": form.intent} in rule["steps"]]
    assert [{"action": form.form} in steps for steps in starts] == [True]
    ends = [rule["steps"][-1] for rule in rules if rule.get("condition") == [{"active_loop": form.form}]]
    assert ends == [{"action": form.action}]
    assert form.action in {action.action for action in ACTIONS}


def test_a_broken_content_file_is_named_with_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "troubleshooting.yml").write_text("devices:\n  kettle: {title: Kettle, symptoms: {a: {title: A}}}\n")
    with pytest.raises(ContentError, match=r"devices\.kettle\.symptoms\.a\.steps: Field required"):
        load_guides(tmp_path)
    (tmp_path / "choices.yml").write_text("choices: {change_kind: {colour: {title: Colour}}}\n")
    with pytest.raises(ContentError, match=r"choices\.change_kind: needs exactly the answers address, quantity"):
        load_choices(tmp_path)
    shipped = (ROOT / "data" / "choices.yml").read_text()
    (tmp_path / "choices.yml").write_text(shipped.replace("    packed: packed\n", ""))
    with pytest.raises(ContentError, match=r"names\.order_state: needs exactly the values cancelled, delivered"):
        load_choices(tmp_path)
    (tmp_path / "choices.yml").write_text("choices: [")
    with pytest.raises(ContentError, match="cannot be read"):
        load_choices(tmp_path)


def test_the_shop_is_shown_a_secret_from_which_the_internal_one_cannot_be_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path))
    ensure_secrets(tmp_path / "secrets.json")
    assert print_secret() == 0
    printed = capsys.readouterr().out.strip()
    internal = Settings.load().secrets.internal
    assert printed == shop_secret(internal)
    assert internal not in printed


def test_the_limit_is_the_one_of_the_policy_and_the_shop_the_one_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = load_policy(ROOT / "data" / "escalation.yml")
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path))
    ensure_secrets(tmp_path / "secrets.json")
    demo = build_services(Settings.load(), policy, lambda: MONDAY)
    assert demo.refund_limit == Decimal(str(policy.authority["refund"].bot_limit)) == Decimal("50.0")
    assert isinstance(demo.shop, SqliteShop)
    monkeypatch.setenv("WARMLINE_SHOP_URL", "https://shop.example/api")
    assert isinstance(build_services(Settings.load(), policy, lambda: MONDAY).shop, HttpShop)
