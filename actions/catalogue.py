"""Before buying: what is in stock and what it costs, and what is left on a gift card. Nobody need say who they are."""

from __future__ import annotations

from typing import Final

from actions.dialogue import answers
from actions.dialogue.turn import Option
from actions.forms import Ask, Form, Ready, Step, unreadable
from actions.shop.errors import GiftCardNotFound
from actions.shop.model import Product
from actions.shop_action import ShopAction
from actions.talk import Talk, formatted, with_year

FEW: Final = 5
"""From so few on, how many are left is worth saying."""


class StockForm(Form):
    """Which product?"""

    informs = True
    form = "stock_form"
    intent = "check_stock"
    action = "action_check_stock"

    def prefill(self, talk: Talk) -> None:
        """See :class:`Form`."""
        talk.set("wanted_product", talk.turn.entities.get("product"))
        talk.data["first_words"] = talk.turn.text

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`. What is chosen is kept as its SKU, which finds one product."""
        wanted = talk.text("wanted_product")
        if not wanted:
            return Ask("wanted_product", "utter_question_wanted_product")
        found = await self.shop.find_products(wanted)
        if not found:
            given_up = unreadable(talk, "wanted_product", "utter_product_not_found", product=wanted)
            return given_up or Ask("wanted_product", "utter_question_wanted_product")
        found = await self._narrowed(talk, found)
        if len(found) == 1:
            talk.set("wanted_product", found[0].sku)
            return Ready()
        options = tuple(Option(product.sku, f"{product.name}, {formatted(product.price)}") for product in found)
        return Ask("wanted_product", "utter_question_which_product", {"product": wanted}, options)

    async def _narrowed(self, talk: Talk, found: tuple[Product, ...]) -> tuple[Product, ...]:
        """Of several, those that the first sentence tells apart: "the 43 inch telly"."""
        words = talk.data.pop("first_words", "")
        if len(found) == 1 or not words:
            return found
        closer = await self.shop.find_products(f"{talk.text('wanted_product')} {words}")
        return tuple(product for product in closer if product in found) or found


class CheckStock(ShopAction):
    """Says whether a product is there, what it costs, and when more come."""

    action = "action_check_stock"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        sku = talk.text("wanted_product")
        product = next((product for product in await self.shop.find_products(sku) if product.sku == sku), None)
        if product is None:
            talk.say("utter_not_found_any_more")
            return "not_found"
        state = _state(product)
        talk.say(
            f"utter_stock_{state}",
            product=product.name,
            price=product.price,
            count=product.in_stock,
            day=product.back_on or "",
        )
        return state


class GiftCardForm(Form):
    """Which gift card? Its number is all that is needed."""

    informs = True
    form = "gift_card_form"
    intent = "gift_card_balance"
    action = "action_gift_card"

    async def next_step(self, talk: Talk) -> Step:
        """See :class:`Form`."""
        number = answers.gift_card_number(talk.text("gift_card_number"))
        question = Ask("gift_card_number", "utter_question_gift_card_number")
        if number is None:
            return question
        try:
            await self.shop.gift_card(number)
        except GiftCardNotFound:
            given_up = unreadable(talk, "gift_card_number", "utter_gift_card_not_found", ending=number[-4:])
            return given_up or question
        talk.set("gift_card_number", number)
        return Ready()


class GiftCardBalance(ShopAction):
    """Says what is left on a card and until when it is good. The number is then forgotten: it is worth money."""

    action = "action_gift_card"
    informs = True

    async def perform(self, talk: Talk) -> str:
        """See :class:`ShopAction`."""
        number = talk.text("gift_card_number")
        talk.set("gift_card_number", None)
        try:
            card = await self.shop.gift_card(number)
        except GiftCardNotFound:
            talk.say("utter_not_found_any_more")
            return "not_found"
        state = "expired" if card.valid_until < self.services.today() else "balance" if card.balance else "empty"
        talk.say(
            f"utter_gift_card_{state}",
            ending=card.number[-4:],
            amount=card.balance,
            until=with_year(card.valid_until),
        )
        return state


def _state(product: Product) -> str:
    if product.in_stock > FEW:
        return "available"
    if product.in_stock:
        return "few" if product.in_stock > 1 else "last_one"
    return "back_soon" if product.back_on else "sold_out"
