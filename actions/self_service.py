"""All self-service forms and actions, wired to the shop: what the action server registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.account import AccessForm, AddressForm, ChangeAddress, ResetAccess
from actions.billing import ChargeForm, ExplainCharge, InvoiceForm, SendInvoice
from actions.catalogue import CheckStock, GiftCardBalance, GiftCardForm, StockForm
from actions.clarification import ExplainDifferently, RepeatAnswer
from actions.content import load_choices, load_guides
from actions.deliveries import Reschedule, RescheduleForm
from actions.devices import Troubleshoot, TroubleshootForm
from actions.dialogue.interruption import says_more_than_data
from actions.money_back import (
    CancelReturn,
    CancelReturnForm,
    RefundStatus,
    RefundStatusForm,
    ReturnStatus,
    ReturnStatusForm,
)
from actions.order_history import ConfirmationForm, ListOrders, ListOrdersForm, SendConfirmation
from actions.orders import (
    CancelOrder,
    CancelOrderForm,
    ChangeOrder,
    ChangeOrderForm,
    DeliveryOptions,
    OrderStatus,
    OrderStatusForm,
)
from actions.plan import (
    EndPlan,
    EndPlanForm,
    PausePlan,
    PausePlanForm,
    PlanStatus,
    PlanStatusForm,
    ResumePlan,
    ResumePlanForm,
)
from actions.repairs import Guarantee, GuaranteeForm, RepairStatus, RepairStatusForm
from actions.returns import (
    RefundForm,
    RefundItem,
    ReportProblem,
    ReportProblemForm,
    ReturnForm,
    ReturnItem,
)
from actions.services import Services
from actions.shop.http_shop import HttpShop
from actions.shop.port import Shop
from actions.shop.secret import shop_secret
from actions.shop.sqlite_shop import SqliteShop
from actions.talk import Event, forget_request, talk_of
from warmline.policy import EscalationPolicy
from warmline.settings import Settings

FORMS: Final = (
    OrderStatusForm,
    ChangeOrderForm,
    CancelOrderForm,
    ReportProblemForm,
    ReturnForm,
    RefundForm,
    InvoiceForm,
    ChargeForm,
    AddressForm,
    AccessForm,
    PausePlanForm,
    EndPlanForm,
    TroubleshootForm,
    ListOrdersForm,
    RescheduleForm,
    ConfirmationForm,
    RefundStatusForm,
    ReturnStatusForm,
    CancelReturnForm,
    PlanStatusForm,
    ResumePlanForm,
    GuaranteeForm,
    RepairStatusForm,
    StockForm,
    GiftCardForm,
)
ACTIONS: Final = (
    OrderStatus,
    ChangeOrder,
    CancelOrder,
    DeliveryOptions,
    ReportProblem,
    ReturnItem,
    RefundItem,
    SendInvoice,
    ExplainCharge,
    ChangeAddress,
    ResetAccess,
    PausePlan,
    EndPlan,
    Troubleshoot,
    ListOrders,
    Reschedule,
    SendConfirmation,
    RefundStatus,
    ReturnStatus,
    CancelReturn,
    PlanStatus,
    ResumePlan,
    Guarantee,
    RepairStatus,
    CheckStock,
    GiftCardBalance,
)


class ActionStop(Action):  # type: ignore[misc]
    """Leaves the form and forgets its answers; nothing has been changed by then."""

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_stop"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        talk = talk_of(tracker, dispatcher)
        talk.say("utter_stopped" if (tracker.active_loop or {}).get("name") else "utter_nothing_to_stop")
        forget_request(talk)
        return [*talk.slot_events(), ActiveLoop(None), SlotSet("requested_slot", None)]


class ActionInform(Action):  # type: ignore[misc]
    """Takes up a bare number: an order's asks for its state, an invoice's for a copy, a gift card's for what is left on
    it, a postcode for the delivery."""

    def __init__(self, services: Services) -> None:
        self._delivery = DeliveryOptions(services)

    def name(self) -> str:
        """The name by which Rasa calls it."""
        return "action_inform"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> list[Event]:
        """Called by Rasa."""
        talk = talk_of(tracker, dispatcher)
        if "order_number" in talk.turn.entities:
            return [FollowupAction(OrderStatusForm.form)]
        if "invoice_number" in talk.turn.entities:
            return [FollowupAction(InvoiceForm.form)]
        if "gift_card_number" in talk.turn.entities:
            return [FollowupAction(GiftCardForm.form)]
        if "postcode" in talk.turn.entities and not says_more_than_data(talk.turn.text):
            return await self._delivery.run(dispatcher, tracker, domain)
        talk.say("utter_inform_without_question")
        return []


def build_shop(settings: Settings, now: Callable[[], datetime]) -> Shop:
    """The company's systems where ``WARMLINE_SHOP_URL`` names them, else the demo shop."""
    if settings.shop_url is not None:
        return HttpShop(settings.shop_url, shop_secret(settings.secrets.internal))
    return SqliteShop(settings.shop_database, now)


def build_services(settings: Settings, policy: EscalationPolicy, now: Callable[[], datetime]) -> Services:
    """What the actions work with. Raises ``ContentError`` where a file of the data folder cannot be used."""
    return Services(
        shop=build_shop(settings, now),
        now=now,
        refund_limit=refund_limit_of(policy),
        guides=load_guides(settings.data_dir),
        choices=load_choices(settings.data_dir),
    )


def refund_limit_of(policy: EscalationPolicy) -> Decimal:
    """The most that the assistant pays back for one order by itself, in pounds (P4)."""
    refund = policy.authority.get("refund")
    return Decimal(str(refund.bot_limit)) if refund else Decimal(0)


def self_service_actions(services: Services) -> tuple[Action, ...]:
    """Every form and action of self-service."""
    forms = [form(services) for form in FORMS]
    actions = [action(services) for action in ACTIONS]
    return (*forms, *actions, ActionStop(), ActionInform(services), RepeatAnswer(), ExplainDifferently())
