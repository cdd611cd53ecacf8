"""The adapter to a company's own HTTP API (docs/your-own-shop.md describes every request and answer)."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import quote

import aiohttp
from pydantic import TypeAdapter, ValidationError

from actions.shop.errors import (
    ChargeNotFound,
    CustomerNotFound,
    GiftCardNotFound,
    InvoiceNotFound,
    NotAllowed,
    NotYours,
    OrderNotFound,
    Refusal,
    ShopError,
    ShopUnavailable,
    ShopUncertain,
)
from actions.shop.model import (
    Cancellation,
    Charge,
    ConfirmationSent,
    Credit,
    Customer,
    DeliveryOption,
    Device,
    FeeWaiver,
    GiftCard,
    Invoice,
    InvoiceSent,
    MoneyBack,
    Order,
    Plan,
    ProblemKind,
    ProblemReport,
    Product,
    Refund,
    RefundQuote,
    Repair,
    RepairVisit,
    Return,
    ReturnLabel,
)

T = TypeVar("T")

TIMEOUT_S: Final = 4.0
"""For each try. Rasa waits 10 s for an action, and a change is tried twice."""
TRIES: Final = 2
ERRORS: Final[dict[str, type[ShopError]]] = {
    "customer_not_found": CustomerNotFound,
    "order_not_found": OrderNotFound,
    "invoice_not_found": InvoiceNotFound,
    "gift_card_not_found": GiftCardNotFound,
    "charge_not_found": ChargeNotFound,
    "not_yours": NotYours,
}
SERVER_ERROR: Final = 500

_CUSTOMER: Final = TypeAdapter(Customer)
_ORDER: Final = TypeAdapter(Order)
_CANCELLATION: Final = TypeAdapter(Cancellation)
_PROBLEM_REPORT: Final = TypeAdapter(ProblemReport)
_RETURN_LABEL: Final = TypeAdapter(ReturnLabel)
_REFUND_QUOTE: Final = TypeAdapter(RefundQuote)
_REFUND: Final = TypeAdapter(Refund)
_CREDIT: Final = TypeAdapter(Credit)
_FEE_WAIVER: Final = TypeAdapter(FeeWaiver)
_RETURN: Final = TypeAdapter(Return)
_CONFIRMATION_SENT: Final = TypeAdapter(ConfirmationSent)
_GIFT_CARD: Final = TypeAdapter(GiftCard)
_INVOICE_SENT: Final = TypeAdapter(InvoiceSent)
_PLAN: Final = TypeAdapter(Plan)
_REPAIR_VISIT: Final = TypeAdapter(RepairVisit)
_ORDERS: Final = TypeAdapter(tuple[Order, ...])
_INVOICES: Final = TypeAdapter(tuple[Invoice, ...])
_CHARGES: Final = TypeAdapter(tuple[Charge, ...])
_DEVICES: Final = TypeAdapter(tuple[Device, ...])
_RETURNS: Final = TypeAdapter(tuple[Return, ...])
_MONEY_BACK: Final = TypeAdapter(tuple[MoneyBack, ...])
_REPAIRS: Final = TypeAdapter(tuple[Repair, ...])
_PRODUCTS: Final = TypeAdapter(tuple[Product, ...])
_DAYS: Final = TypeAdapter(tuple[date, ...])
_DELIVERY_OPTIONS: Final = TypeAdapter(tuple[DeliveryOption, ...])
_ANYTHING: Final = TypeAdapter(dict[str, Any])


class HttpShop:
    """Implements :class:`actions.shop.port.Shop` over HTTP. One session is kept for all requests."""

    def __init__(self, url: str, secret: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def customer(self, customer_id: str) -> Customer:
        """See the port."""
        return await self._get(_CUSTOMER, f"/customers/{_part(customer_id)}")

    async def customer_by_order(self, order_number: str, email: str) -> Customer:
        """See the port."""
        return await self._ask(_CUSTOMER, "/identify", {"order_number": order_number, "email": email})

    async def customer_by_invoice(self, invoice_number: str, email: str) -> Customer:
        """See the port."""
        return await self._ask(_CUSTOMER, "/identify", {"invoice_number": invoice_number, "email": email})

    async def order(self, customer_id: str, number: str) -> Order:
        """See the port."""
        return await self._get(_ORDER, _order_path(customer_id, number))

    async def orders(self, customer_id: str) -> tuple[Order, ...]:
        """See the port."""
        return await self._get(_ORDERS, f"/customers/{_part(customer_id)}/orders")

    async def change_order_address(self, customer_id: str, number: str, address: str, *, idempotency_key: str) -> Order:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/address"
        return await self._change(_ORDER, path, {"address": address}, idempotency_key)

    async def change_order_quantity(
        self, customer_id: str, number: str, sku: str, quantity: int, *, idempotency_key: str
    ) -> Order:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/quantity"
        return await self._change(_ORDER, path, {"sku": sku, "quantity": quantity}, idempotency_key)

    async def cancel_order(self, customer_id: str, number: str, *, idempotency_key: str) -> Cancellation:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/cancel"
        return await self._change(_CANCELLATION, path, {}, idempotency_key)

    async def delivery_days(self, customer_id: str, number: str) -> tuple[date, ...]:
        """See the port."""
        return await self._get(_DAYS, f"{_order_path(customer_id, number)}/delivery-days")

    async def move_delivery(self, customer_id: str, number: str, day: date, *, idempotency_key: str) -> Order:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/delivery-day"
        return await self._change(_ORDER, path, {"day": day.isoformat()}, idempotency_key)

    async def send_confirmation(self, customer_id: str, number: str, *, idempotency_key: str) -> ConfirmationSent:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/confirmation"
        return await self._change(_CONFIRMATION_SENT, path, {}, idempotency_key)

    async def report_problem(
        self,
        customer_id: str,
        number: str,
        sku: str,
        kind: ProblemKind,
        description: str,
        *,
        idempotency_key: str,
    ) -> ProblemReport:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/problems"
        body = {"sku": sku, "kind": kind.value, "description": description}
        return await self._change(_PROBLEM_REPORT, path, body, idempotency_key)

    async def return_item(
        self, customer_id: str, number: str, sku: str, reason: str, *, idempotency_key: str
    ) -> ReturnLabel:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/returns"
        return await self._change(_RETURN_LABEL, path, {"sku": sku, "reason": reason}, idempotency_key)

    async def returns(self, customer_id: str) -> tuple[Return, ...]:
        """See the port."""
        return await self._get(_RETURNS, f"/customers/{_part(customer_id)}/returns")

    async def cancel_return(self, customer_id: str, number: str, sku: str, *, idempotency_key: str) -> Return:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/returns/cancel"
        return await self._change(_RETURN, path, {"sku": sku}, idempotency_key)

    async def quote_refund(self, customer_id: str, number: str, sku: str) -> RefundQuote:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/refund-quote"
        return await self._get(_REFUND_QUOTE, path, {"sku": sku})

    async def refund(
        self,
        customer_id: str,
        number: str,
        sku: str,
        amount: Decimal,
        reason: str,
        *,
        idempotency_key: str,
    ) -> Refund:
        """See the port."""
        path = f"{_order_path(customer_id, number)}/refunds"
        body = {"sku": sku, "amount": str(amount), "reason": reason}
        return await self._change(_REFUND, path, body, idempotency_key)

    async def credit(self, customer_id: str, amount: Decimal, reason: str, *, idempotency_key: str) -> Credit:
        """See the port."""
        path = f"/customers/{_part(customer_id)}/credits"
        return await self._change(_CREDIT, path, {"amount": str(amount), "reason": reason}, idempotency_key)

    async def waive_fee(
        self, customer_id: str, charge_id: str, amount: Decimal, reason: str, *, idempotency_key: str
    ) -> FeeWaiver:
        """See the port."""
        path = f"/customers/{_part(customer_id)}/charges/{_part(charge_id)}/waivers"
        return await self._change(_FEE_WAIVER, path, {"amount": str(amount), "reason": reason}, idempotency_key)

    async def money_back(self, customer_id: str) -> tuple[MoneyBack, ...]:
        """See the port."""
        return await self._get(_MONEY_BACK, f"/customers/{_part(customer_id)}/money-back")

    async def invoices(self, customer_id: str) -> tuple[Invoice, ...]:
        """See the port."""
        return await self._get(_INVOICES, f"/customers/{_part(customer_id)}/invoices")

    async def send_invoice(self, customer_id: str, invoice_number: str, *, idempotency_key: str) -> InvoiceSent:
        """See the port."""
        path = f"/customers/{_part(customer_id)}/invoices/{_part(invoice_number)}/send"
        return await self._change(_INVOICE_SENT, path, {}, idempotency_key)

    async def charges(self, customer_id: str) -> tuple[Charge, ...]:
        """See the port."""
        return await self._get(_CHARGES, f"/customers/{_part(customer_id)}/charges")

    async def change_address(self, customer_id: str, address: str, *, idempotency_key: str) -> Customer:
        """See the port."""
        path = f"/customers/{_part(customer_id)}/address"
        return await self._change(_CUSTOMER, path, {"address": address}, idempotency_key)

    async def send_access_link(self, email: str, *, idempotency_key: str) -> None:
        """See the port."""
        await self._change(_ANYTHING, "/access-links", {"email": email}, idempotency_key)

    async def plan(self, customer_id: str) -> Plan:
        """See the port."""
        return await self._get(_PLAN, f"/customers/{_part(customer_id)}/plan")

    async def pause_plan(self, customer_id: str, months: int, *, idempotency_key: str) -> Plan:
        """See the port."""
        path = f"/customers/{_part(customer_id)}/plan/pause"
        return await self._change(_PLAN, path, {"months": months}, idempotency_key)

    async def end_plan(self, customer_id: str, *, idempotency_key: str) -> Plan:
        """See the port."""
        return await self._change(_PLAN, f"/customers/{_part(customer_id)}/plan/end", {}, idempotency_key)

    async def resume_plan(self, customer_id: str, *, idempotency_key: str) -> Plan:
        """See the port."""
        return await self._change(_PLAN, f"/customers/{_part(customer_id)}/plan/resume", {}, idempotency_key)

    async def devices(self, customer_id: str) -> tuple[Device, ...]:
        """See the port."""
        return await self._get(_DEVICES, f"/customers/{_part(customer_id)}/devices")

    async def book_repair(self, customer_id: str, device: str, *, idempotency_key: str) -> RepairVisit:
        """See the port."""
        path = f"/customers/{_part(customer_id)}/repairs"
        return await self._change(_REPAIR_VISIT, path, {"device": device}, idempotency_key)

    async def repairs(self, customer_id: str) -> tuple[Repair, ...]:
        """See the port."""
        return await self._get(_REPAIRS, f"/customers/{_part(customer_id)}/repairs")

    async def find_products(self, words: str) -> tuple[Product, ...]:
        """See the port."""
        return await self._get(_PRODUCTS, "/products", {"search": words})

    async def gift_card(self, number: str) -> GiftCard:
        """See the port."""
        return await self._ask(_GIFT_CARD, "/gift-cards/balance", {"number": number})

    async def delivery_options(self, postcode: str) -> tuple[DeliveryOption, ...]:
        """See the port."""
        return await self._get(_DELIVERY_OPTIONS, "/delivery-options", {"postcode": postcode})

    async def _get(self, answer: TypeAdapter[T], path: str, query: dict[str, str] | None = None) -> T:
        try:
            return await self._send("GET", answer, path, params=query)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ShopUnavailable(type(error).__name__) from error

    async def _ask(self, answer: TypeAdapter[T], path: str, body: dict[str, str]) -> T:
        """A question whose terms belong into a body, not into an address that ends up in logs."""
        try:
            return await self._send("POST", answer, path, json=body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ShopUnavailable(type(error).__name__) from error

    async def _change(self, answer: TypeAdapter[T], path: str, body: dict[str, Any], key: str) -> T:
        """Sends a change, once more with the same key where the answer is lost.

        Raises ``ShopUnavailable`` when it surely was not done, ``ShopUncertain`` when that is not known.
        """
        heard_nothing = False
        for attempt in range(TRIES):
            try:
                return await self._send("POST", answer, path, json=body, headers={"Idempotency-Key": key})
            except aiohttp.ClientConnectorError as error:
                if attempt == TRIES - 1:
                    raise (ShopUncertain if heard_nothing else ShopUnavailable)(type(error).__name__) from error
            except (aiohttp.ClientError, TimeoutError, ShopUnavailable) as error:
                heard_nothing = True
                if attempt == TRIES - 1:
                    raise ShopUncertain(type(error).__name__) from error
            await asyncio.sleep(0)
        raise AssertionError("a change is tried at least once")

    async def _send(self, method: str, answer: TypeAdapter[T], path: str, **request: Any) -> T:
        headers = {**self._headers, **request.pop("headers", {})}
        url = f"{self._url}/v1{path}"
        async with self._open().request(method, url, headers=headers, **request) as response:
            if response.status >= SERVER_ERROR:
                raise ShopUnavailable(str(response.status))
            body = await response.json(content_type=None)
            if not response.ok:
                raise _refusal(response.status, body)
        try:
            return answer.validate_python(body)
        except ValidationError as error:
            raise ShopUnavailable(f"{path} answered with something else: {error.errors()[0]['loc']}") from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


def _refusal(status: int, body: Any) -> ShopError:
    """The error that the shop's answer stands for. An unknown one counts as a shop that cannot be used."""
    code = body.get("code") if isinstance(body, dict) else None
    if code == "not_allowed" and body.get("reason") in {refusal.value for refusal in Refusal}:
        return NotAllowed(Refusal(body["reason"]))
    return ERRORS[code]() if code in ERRORS else ShopUnavailable(f"status {status}, code {code!r}")


def _order_path(customer_id: str, number: str) -> str:
    return f"/customers/{_part(customer_id)}/orders/{_part(number)}"


def _part(value: str) -> str:
    return quote(value, safe="")
