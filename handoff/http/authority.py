"""An agent's own authority over HTTP (P4, P21): what they may decide in a case, and deciding it."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from aiohttp import web
from pydantic import AfterValidator, Field

from handoff.contract import AuthorityKind
from handoff.domain.actors import Actor
from handoff.domain.audit import Did
from handoff.domain.authority import AuthorityUse, UseStatus
from handoff.http import knowing_schemas as schemas
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.errors import FieldRefused
from handoff.http.guards import case_id_of, read_body
from handoff.http.matrix_view import label_of
from handoff.http.operations import SESSION, SIGNED_IN, Operation, step
from handoff.http.parts import PARTS
from handoff.http.views import case_summary_view
from handoff.http.wire import ClientMessageId, FilledText, PlainText, Wire
from handoff.services import reading
from handoff.services.audit import note_seen
from handoff.services.authority import read_authority, use_authority
from handoff.services.shop import Shop

SHOP: Final = web.AppKey("shop", Shop)
MOST: Final = Decimal(100_000)


def _sum(value: str) -> str:
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal(0)
    # Comparisons with NaN raise; the exponent of one is a letter.
    if not amount.is_finite() or not 0 < amount <= MOST or amount != amount.quantize(Decimal("0.01")):
        raise FieldRefused("bad_value", f'amount is a sum in pounds up to {MOST:,}, as text, such as "39.00".')
    return value


OfTheShop = Annotated[PlainText, Field(min_length=1, max_length=128)]


class AuthorityBody(Wire):
    """A decision. ``key`` is the client's own, new for each decision and the same when it is asked again."""

    key: ClientMessageId
    kind: Annotated[AuthorityKind, Field(strict=False)]
    amount: Annotated[str, Field(max_length=12), AfterValidator(_sum)]
    reason: Annotated[FilledText, Field(max_length=500)]
    order_number: OfTheShop | None = None
    sku: OfTheShop | None = None
    charge_id: OfTheShop | None = None
    email: Annotated[PlainText, Field(min_length=3, max_length=254)] | None = None


OPERATIONS: Final = (
    Operation(
        "get",
        "/cases/{case_id}/authority",
        "What one may decide in a case",
        {200: ("Limits, decisions so far, and what there is to decide.", schemas.AuthorityAnswer)},
        None,
        (*SIGNED_IN, "not_found"),
        SESSION,
    ),
    step(
        "authority",
        "Refund, credit or waive within one's authority",
        AuthorityBody,
        "wrong_state",
        "not_owner",
        "over_authority",
        "shop_refused",
        "shop_unreachable",
        answer=schemas.AuthorityUsed,
    ),
)


def routes() -> list[web.RouteDef]:
    """Reading and deciding."""
    path = f"{BASE}/cases/{{case_id}}/authority"
    return [web.get(path, read), web.post(path, decide)]


async def read(request: web.Request) -> web.Response:
    """``GET /cases/{id}/authority``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    case_id = case_id_of(request)
    found = await read_authority(context, request.app[SHOP], case_id, agent)
    shown = {"items": len(found.options.items), "fees": len(found.options.fees)}
    await note_seen(context, Actor.of_agent(agent), Did.AUTHORITY_READ, case_id, **shown)
    answer = schemas.AuthorityAnswer(
        kinds=[
            schemas.AuthorityOfKind(
                kind=kind,
                label=label_of(kind),
                limit=f"{limit:.2f}",
                used=f"{found.used[kind]:.2f}",
                left=f"{max(Decimal(0), limit - found.used[kind]):.2f}",
            )
            for kind, limit in found.limits.items()
        ],
        uses=[_use(use) for use in found.uses],
        items=[
            schemas.AuthorityItem(**{**item.model_dump(), "amount": f"{item.amount:.2f}"})
            for item in found.options.items
        ],
        fees=[
            schemas.AuthorityFee(**{**fee.model_dump(), "amount": f"{fee.amount:.2f}"}) for fee in found.options.fees
        ],
        problem=found.shop_problem,
    )
    return web.json_response(answer.model_dump(mode="json"), headers={"Cache-Control": "no-store"})


async def decide(request: web.Request) -> web.Response:
    """``POST /cases/{id}/authority``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    body = AuthorityBody.model_validate(await read_body(request))
    case_id = case_id_of(request)
    wanted = AuthorityUse(
        key=body.key,
        case_id=case_id,
        agent_id=agent.id,
        kind=body.kind,
        amount=Decimal(body.amount).quantize(Decimal("0.01")),
        reason=body.reason.strip(),
        status=UseStatus.BEGUN,
        begun_at=context.clock(),
        email=body.email,
        order_number=body.order_number,
        sku=body.sku,
        charge_id=body.charge_id,
    )
    case, use = await use_authority(context, request.app[SHOP], case_id, agent, wanted)
    row = await reading.case_row(context, case.id)
    return web.json_response(
        {"use": _use(use).model_dump(mode="json"), "case": case_summary_view(row, context.wording)},
        headers={"Cache-Control": "no-store"},
    )


def _use(use: AuthorityUse) -> schemas.AuthorityUse:
    shown = {name: value for name, value in asdict(use).items() if name in schemas.AuthorityUse.model_fields}
    return schemas.AuthorityUse(**{**shown, "amount": f"{use.amount:.2f}"})
