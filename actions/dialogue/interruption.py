"""Whether a turn inside a form answers its question, or is something else that the rules answer first."""

from __future__ import annotations

from typing import Final

from actions.dialogue.answers import words_of
from actions.dialogue.turn import Turn, word_set

SELF_SERVICE: Final = word_set(
    "order_status change_order cancel_order report_problem_item return_item request_refund invoice_copy"
    " explain_charge change_address reset_access pause_plan end_plan troubleshoot_device delivery_options"
    " refund_status return_status cancel_return list_orders reschedule_delivery plan_status resume_plan"
    " resend_confirmation guarantee_check check_stock gift_card_balance repair_status"
)
ALWAYS: Final = frozenset({"stop", "talk_to_person", "decline_person", "EXTERNAL_case_resolved"})
"""These are never an answer, whatever was asked."""
ASKS_BACK: Final = word_set("repeat_answer confused wait_please")
"""Words about the talk itself."""
NO_ANSWER: Final = ASKS_BACK | {"joke", "bot_name"}
"""Never a yes or a no: "one moment please" is as polite as one, "I don't follow" has a no in it, and after "yes, one
moment" it is better to ask again than to do what cannot be undone."""
SMALL_TALK: Final = ASKS_BACK | word_set(
    "faq greet goodbye thanks help_menu bot_challenge bot_name how_are_you joke compliment apologise complain"
    " not_helpful"
)
COURTESY: Final = SMALL_TALK - {"faq", "complain", "not_helpful"}
FREE_TEXT_SLOTS: Final = frozenset({"reason", "problem_description", "new_address"})
"""Questions that any words may answer."""
DATA_SLOTS: Final = frozenset({"order_number", "invoice_number", "gift_card_number", "email"})
"""Questions for a bare number or address. One that comes inside a new request belongs to the request."""
ANSWERED_BY_OUTCOME: Final = frozenset({"step_helped"})
"""Questions to which "it works now" and "that didn't help" are answers."""
FEW_WORDS: Final = 3
BRIEF_SENTENCE: Final = 6
"""As long as "I don't understand what you mean"; a longer one is rather a reason for sending something back."""
QUESTION_STARTS: Final = word_set(
    "what when where why who which how can could do does did is are will would should may"
    " what's where's how's whats wheres"
)
POINTERS: Final = word_set("the my that this")
INDIFFERENT: Final = word_set("whenever whichever whatever any anytime either")
"""Words that begin an answer which leaves the choice to us: "whenever it suits you"."""
OPENERS: Final = word_set("actually oh hm hmm ok okay well but and so wait sorry no hey hi please")
"""Words before which a question may still begin: "actually, can I ..."."""
CHANGE_OF_MIND: Final = word_set("actually instead rather")
ANSWER_WORDS: Final = word_set(
    "it's its it is the my a order number no nr invoice e mail email address postcode for here sorry oh this one"
    " that was i mean think yes please lh inv to item from ok hi hello"
)
"""Words that add nothing to a bare number or address: "it's order number 10002"."""


def is_interruption(turn: Turn, slot: str, own_intent: str, *, answered: bool) -> bool:
    """True when the form should step aside. ``answered`` says whether an answer to ``slot`` was found."""
    if turn.pressed:
        return turn.intent not in ("inform", "affirm", "deny")
    if turn.after_offer and turn.intent in ("deny", "affirm"):
        return True
    if slot in FREE_TEXT_SLOTS:
        return _interrupts_free_text(turn, own_intent)
    if turn.intent in NO_ANSWER and not (answered and slot in DATA_SLOTS):
        return True
    if answered and slot in ANSWERED_BY_OUTCOME:
        return False
    if turn.intent in ALWAYS:
        return not (answered and turn.intent == "stop" and slot.startswith("confirm_"))
    if _begins_with_yes_or_no(turn.text) and slot not in DATA_SLOTS:
        return False
    switches = turn.intent in SELF_SERVICE and turn.intent != own_intent
    if not answered and slot.startswith("confirm_") and "postcode" in turn.entities:
        return True  # a word to the delivery that was told in between, and neither yes nor no
    if answered and slot in DATA_SLOTS:
        gives_data = any(character.isdigit() or character == "@" for character in turn.text)
        asks = turn.intent in ("inform", "faq") and looks_like_a_question(turn.text) and gives_data
        return (switches or asks) and says_more_than_data(turn.text)
    if answered:
        asks_first = turn.intent == "faq" and _is_yes_or_no(slot)
        return (switches or asks_first) and looks_like_a_question(turn.text)
    return switches or (turn.intent in SMALL_TALK and not _points_at_a_thing(turn) and not _is_indifferent(turn))


def _interrupts_free_text(turn: Turn, own_intent: str) -> bool:
    """Any words may be the answer ("I changed my mind" is a reason), so only what is clear steps aside: a question, a
    person asked for, or a brief word."""
    if turn.intent in ALWAYS and turn.intent != "stop":
        return True
    requests = (SELF_SERVICE - {own_intent}) | {"faq"}
    if looks_like_a_question(turn.text):
        return turn.intent in requests | COURTESY
    if CHANGE_OF_MIND.intersection(words_of(turn.text)) and turn.intent in SELF_SERVICE - {own_intent}:
        return True
    most = BRIEF_SENTENCE if turn.intent in ASKS_BACK else FEW_WORDS
    return turn.intent in COURTESY | {"stop"} and len(words_of(turn.text)) <= most


def _points_at_a_thing(turn: Turn) -> bool:
    """Whether the words point at one of several things, "the coffee thing", whatever question they remind of."""
    words = words_of(turn.text)
    return turn.intent == "faq" and 1 < len(words) <= FEW_WORDS and words[0] in POINTERS


def _is_indifferent(turn: Turn) -> bool:
    """Whether the words leave the choice to us, whatever question they remind of."""
    words = words_of(turn.text)
    return turn.intent == "faq" and bool(INDIFFERENT.intersection(words[:1])) and not looks_like_a_question(turn.text)


def _is_yes_or_no(slot: str) -> bool:
    return slot.startswith("confirm_") or slot in ("wants_repair", "step_helped")


def _begins_with_yes_or_no(text: str) -> bool:
    """Whatever follows belongs to the answer, also where it makes the answer unclear."""
    return words_of(text)[:1] in {(word,) for word in ("yes", "yeah", "yep", "no", "nope")}


def looks_like_a_question(text: str) -> bool:
    """Ends with a question mark or starts as questions do."""
    first = next((word for word in words_of(text) if word not in OPENERS), "")
    return text.rstrip().endswith("?") or first in QUESTION_STARTS


def says_more_than_data(text: str) -> bool:
    """Whether anything is left of the text without numbers, addresses and the words that go with them."""
    parts = [part for part in text.lower().split() if "@" not in part and not any(c.isdigit() for c in part)]
    return any(word not in ANSWER_WORDS for part in parts for word in words_of(part))
