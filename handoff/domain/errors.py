"""What the domain refuses, each with the code and the sentence that every client sees."""

from __future__ import annotations

from typing import Any, ClassVar


class HandoffError(Exception):
    """Base of all refusals: ``code`` for programs, the message for people, ``data`` for details."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data


class NotFound(HandoffError):
    """The thing does not exist, or the one who asks may not know that it does."""

    code = "not_found"


class WrongState(HandoffError):
    """The case is not in a status in which this step is possible."""

    code = "wrong_state"


class CaseClosed(HandoffError):
    """The case is closed; reopen it first."""

    code = "case_closed"


class AlreadyAccepted(HandoffError):
    """Another agent was first."""

    code = "already_accepted"


class NotOwner(HandoffError):
    """Only the agent who owns the case may do this."""

    code = "not_owner"


class CaseChanged(HandoffError):
    """The case moved on since it was read."""

    code = "case_changed"


class TopLevel(HandoffError):
    """There is no level above this one."""

    code = "top_level"


class NotRatable(HandoffError):
    """A case can be rated once it is closed, an answer of the bot while the bot owns the conversation."""

    code = "not_ratable"


class NotReopenable(HandoffError):
    """Only the conversation's latest case can be reopened, once it is closed."""

    code = "not_reopenable"


class ButtonNotAvailable(HandoffError):
    """That message offers no such button, or a later bot message stands."""

    code = "button_not_available"


class EmailInvalid(HandoffError):
    """What was given cannot be an e-mail address; ``data.why`` says what is wrong."""

    code = "email_invalid"


class ConversationClosed(HandoffError):
    """The conversation was ended, for instance by a fresh one in another tab."""

    code = "conversation_closed"


class LevelTooLow(HandoffError):
    """The case needs somebody of a higher level."""

    code = "level_too_low"


class NotEligible(HandoffError):
    """The agent lacks a skill, the language or the room for a case; ``data.obstacles`` says which.

    ``data.lead`` says whether they may take it all the same, with a reason.
    """

    code = "not_eligible"


class OfferGone(HandoffError):
    """The offer has ended: it expired, was withdrawn, or was answered."""

    code = "offer_gone"


class Reserved(HandoffError):
    """The case is being offered to a colleague who was asked by name."""

    code = "reserved"


class AgentNotAvailable(HandoffError):
    """The colleague cannot be given this case; ``data.obstacles`` says why."""

    code = "agent_not_available"


class CannotMerge(HandoffError):
    """The two cases are not of one customer, or one of them is closed."""

    code = "cannot_merge"


class OverAuthority(HandoffError):
    """The sum is above what this agent may decide; ``data.level`` is the level that may."""

    code = "over_authority"


class ShopRefused(HandoffError):
    """The company's systems do not allow it; ``data.reason`` is their word for why."""

    code = "shop_refused"


class ShopUnreachable(HandoffError):
    """The company's systems cannot be reached, and nothing was changed."""

    code = "shop_unreachable"


class BadValue(HandoffError):
    """A value is of the right type but not one that exists here; ``data.field`` names it."""

    code = "bad_value"


class KeyUnknown(HandoffError):
    """No key of ours."""

    code = "key_invalid"


class KeyRevoked(HandoffError):
    """The key was taken back."""

    code = "key_revoked"


class KeyExpired(HandoffError):
    """The key's time is over."""

    code = "key_expired"


class ScopeMissing(HandoffError):
    """The key may not do this; ``data.scopes`` names what it lacks."""

    code = "scope_missing"


class CategoryNotAllowed(HandoffError):
    """The key is not for this queue; ``data.categories`` names those that it is for."""

    code = "category_not_allowed"


class CaseStands(HandoffError):
    """The customer has an open case already; ``data`` names it."""

    code = "case_stands"


class ReferenceTaken(HandoffError):
    """This record of the other system belongs to another case."""

    code = "reference_taken"


class KeyReused(HandoffError):
    """The idempotency key was used for something else before."""

    code = "idempotency_key_reused"


class NotAllowed(HandoffError):
    """The role or the level is not enough for this."""

    code = "not_allowed"


class AttachmentTypeRefused(HandoffError):
    """The content is of a kind that is not taken, whatever the name says."""

    code = "attachment_type"


class AttachmentTooLarge(HandoffError):
    """The file is larger than ``data.limit`` bytes."""

    code = "attachment_too_large"


class AttachmentEmpty(HandoffError):
    """There is nothing in the file."""

    code = "attachment_empty"


class AttachmentInfected(HandoffError):
    """The scanner found something in the file."""

    code = "attachment_infected"


class AttachmentsFull(HandoffError):
    """The conversation holds as much as it may."""

    code = "attachments_full"


class AttachmentHeld(HandoffError):
    """The file has not been found clean yet."""

    code = "attachment_held"


class AttachmentGone(HandoffError):
    """The file cannot go with this message: sent already, swept, or not this sender's."""

    code = "attachment_gone"


class BadPeriod(HandoffError):
    """A period that cannot be meant; ``field`` says which end of it."""

    code = "bad_value"


class PolicyBroken(HandoffError):
    """The policy that is to be tried cannot be used; ``problems`` says why, line by line."""

    code = "policy_broken"


class ReplayRunning(HandoffError):
    """One replay runs at a time."""

    code = "replay_running"
