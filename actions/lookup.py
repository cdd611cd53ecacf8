"""Whose request this is and which order, invoice or item it is about: the questions that most forms share.

A customer whose identity the website vouches for is known. Anybody else proves it with two things that belong
together: an order (or invoice) number and the e-mail address on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from actions.dialogue import answers
from actions.dialogue.turn import Option
from actions.forms import UNMATCHED, Ask, Leave, unreadable
from actions.shop.errors import CustomerNotFound, NotYours, OrderNotFound
from actions.shop.model import Customer, Order, OrderLine
from actions.shop.port import Shop
from actions.talk import Talk


async def known_customer(talk: Talk, shop: Shop) -> Customer | None:
    """The verified customer, if the shop knows them."""
    if talk.turn.verified_id is None:
        return None
    try:
        return await shop.customer(talk.turn.verified_id)
    except CustomerNotFound:
        return None


async def find_customer(talk: Talk, shop: Shop) -> Customer | Ask | Leave:
    """Whose account it is. An unverified visitor names an order and its e-mail address."""
    known = await known_customer(talk, shop)
    if known is not None:
        talk.data["customer_id"] = known.id
        return known
    return await _identify(talk, shop, "utter_question_account_order_number")


async def find_order(
    talk: Talk, shop: Shop, suits: Callable[[Order], bool], recall: frozenset[str] = frozenset()
) -> Order | Ask | Leave:
    """The order that the request is about.

    ``suits`` says for which orders the request makes sense: only those are offered, and the number of an order that
    was talked about earlier is taken up again only if it is one of them, or if a word of ``recall`` points back at it.
    """
    customer = await known_customer(talk, shop)
    if customer is None:
        found = await _identify(talk, shop, "utter_question_order_number")
        if not isinstance(found, Customer):
            return found
        order = await shop.order(found.id, talk.text("order_number"))
    else:
        _normalise(talk)
        talk.data["customer_id"] = customer.id
        named = answers.order_numbers(talk.turn.text) if talk.activating and not recall else ()
        if len(named) > 1:
            # Of several orders the one that the request fits, or the question which one: never just the last named.
            fitting = [order for order in await _fitting(shop, customer, suits) if order.number in named]
            if len(fitting) != 1:
                talk.set("order_number", None)
                return _question(fitting) if fitting else await _which(shop, customer, suits)
            talk.set("order_number", fitting[0].number)
        points_back = not recall.isdisjoint(answers.words_of(talk.turn.text))
        if talk.get("order_number") is None or (not points_back and await _is_stale(talk, shop, customer, suits)):
            chosen = await _choose(talk, shop, customer, suits)
            if isinstance(chosen, Ask):
                return chosen
            talk.set("order_number", chosen.number)
        try:
            order = await shop.order(customer.id, talk.text("order_number"))
        except (OrderNotFound, NotYours) as error:
            kind = "not_found" if isinstance(error, OrderNotFound) else "not_yours"
            number = talk.text("order_number")
            talk.data.pop("order_number", None)
            given_up = unreadable(talk, "order_number", f"utter_order_{kind}", order_number=number)
            return given_up or await _which(shop, customer, suits)
    talk.data["order_number"] = order.number
    return order


def find_item(talk: Talk, order: Order) -> OrderLine | Ask:
    """The item of the order that the request is about; asked for only where there are several."""
    if len(order.lines) == 1:
        return order.lines[0]
    options = item_options(order)
    if talk.get("item") is None and talk.activating:
        talk.set("item", answers.mentioned(talk.turn.text, options))
    for line in order.lines:
        if line.sku == talk.get("item"):
            return line
    return Ask("item", "utter_question_item", {"order_number": order.number}, options)


def newest_first(options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Lets "the last one" name the first option of a list that begins with the newest."""
    if not options:
        return options
    return (replace(options[0], words=(*options[0].words, *answers.NEWEST)), *options[1:])


def item_options(order: Order) -> tuple[Option, ...]:
    """The items of an order as the answers of a question."""
    return tuple(Option(line.sku, line.product, short_names(line.product)) for line in order.lines)


def short_names(product: str) -> tuple[str, ...]:
    """How people name a product in a sentence: ``hand blender`` -> ``blender``."""
    return tuple(product.lower().split()[-1:])


def products_of(order: Order) -> str:
    """``Bluetooth speaker, 2 × table lamp``."""
    return ", ".join(
        line.product if line.quantity == 1 else f"{line.quantity} × {line.product}" for line in order.lines
    )


async def _identify(talk: Talk, shop: Shop, question: str) -> Customer | Ask | Leave:
    """Asks for an order number and its e-mail, and finds the customer to whom both belong."""
    _normalise(talk)
    if talk.get("order_number") is None:
        return Ask("order_number", question)
    number = talk.text("order_number")
    talk.data.pop(UNMATCHED, None)
    customer_info = talk.turn.customer
    if talk.get("email") is None and customer_info is not None and customer_info.email and talk.activating:
        talk.set("email", customer_info.email)
    if talk.get("email") is None:
        return Ask("email", "utter_question_email", {"order_number": number})
    try:
        customer = await shop.customer_by_order(number, talk.text("email"))
    except CustomerNotFound:
        talk.set("email", None)
        talk.data[UNMATCHED] = number
        given_up = unreadable(talk, "order_number", "utter_order_not_matched", order_number=number)
        return given_up or Ask("order_number", "utter_question_number_or_email")
    talk.data["customer_id"] = customer.id
    return customer


async def _is_stale(talk: Talk, shop: Shop, customer: Customer, suits: Callable[[Order], bool]) -> bool:
    """Whether the order number comes from an earlier request that this one does not fit."""
    if not talk.activating or "order_number" in talk.turn.entities:
        return False
    try:
        return not suits(await shop.order(customer.id, talk.text("order_number")))
    except (OrderNotFound, NotYours):
        return True


async def _choose(talk: Talk, shop: Shop, customer: Customer, suits: Callable[[Order], bool]) -> Order | Ask:
    """The only order that fits, the one whose product the message names, or the question which one."""
    own = await shop.orders(customer.id)
    fitting = [order for order in own if suits(order)]
    if len(fitting) == 1:
        return fitting[0]
    if talk.activating and fitting and answers.names_the_newest(talk.turn.text, "order"):
        return fitting[0]
    if talk.activating:
        for orders in (fitting, own):
            named = answers.mentioned(talk.turn.text, [_order_option(order) for order in orders])
            if named is not None:
                return next(order for order in orders if order.number == named)
    return _question(fitting, own)


async def _which(shop: Shop, customer: Customer, suits: Callable[[Order], bool]) -> Ask:
    own = await shop.orders(customer.id)
    return _question([order for order in own if suits(order)], own)


async def _fitting(shop: Shop, customer: Customer, suits: Callable[[Order], bool]) -> list[Order]:
    return [order for order in await shop.orders(customer.id) if suits(order)]


def _question(fitting: Sequence[Order], own: Sequence[Order] = ()) -> Ask:
    """Offers the orders that fit. Of the customer's ``own`` any other may be named too, and is told why it doesn't."""
    options = newest_first(tuple(_order_option(order) for order in fitting))
    response = "utter_question_order_number_choose" if options else "utter_question_order_number_none_fits"
    others = tuple(_order_option(order) for order in own if order not in fitting)
    return Ask("order_number", response, options=options, entity="order_number", also=others)


def _order_option(order: Order) -> Option:
    """An order may also be named by one of its products."""
    products = [line.product for line in order.lines]
    words = (*products, *(name for product in products for name in short_names(product)))
    return Option(order.number, f"{order.number}: {products_of(order)}", words)


def _normalise(talk: Talk) -> None:
    """Brings an order number that was typed or recognised into its written form."""
    if talk.get("order_number") is not None:
        number = answers.order_number(talk.text("order_number"))
        if number != talk.get("order_number"):
            talk.set("order_number", number)
