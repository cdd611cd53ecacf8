"""How an offer of a person is answered in words: with yes, with no, or not at all.

The assistant's understanding knows a bare yes or no. An answer that goes on ("no, I want my money back") it reads as
what comes after, and in another language than English it reads none; both are answers all the same.
"""

from __future__ import annotations

import re
from typing import Final

from actions.scoring.words import normalise

MOST_WORDS: Final = 12
"""Longer turns are no answer to the offer, with whatever word they begin."""

_THANKS: Final = r"(?:thanks?|thank you|thx|ta|cheers|danke|gracias|merci|grazie|dziękuję|please|bitte|por favor)"
_YES: Final = (
    r"(?:yes|yeah|yep|yup|y|sure|ok|okay|alright|fine|please|please do|go ahead|do that|that would be (?:good|great)"
    r"|i would like that|i'd like that|ja|ja gern|gerne|sí|si|claro|oui|volontiers|tak)"
)
_GOES_ON_YES: Final = (
    r"(?:yes|yeah|yep|yup|ja|sí|oui|tak)\W+"
    r"(?:and|but quick\w*|please|quick\w*|asap|now|right now|do|go|tell|get|connect|put|bring|that would"
    r"|that'd|i would|i'd|bitte|por favor|gern\w*|s'il|prego|proszę)\b"
)
_NO: Final = (
    r"(?:no|nope|nah|n|not (?:now|yet|really|necessary|needed|today)|no need|(?:maybe |perhaps )?later|another time"
    r"|(?:i'd )?rather not|don't bother|never ?mind|i'm (?:fine|good|ok|okay)"
    r"|nein|nee|(?:jetzt |lieber )?nicht(?: jetzt| nötig)?|später|ahora no|no hace falta|mejor no|luego|más tarde"
    r"|non|pas maintenant|plus tard|non ora|più tardi|nie|później)"
)
_GOES_ON_NO: Final = (
    rf"(?:no|nope|nah|nein|nee|non|nie)(?:\s*[,.;:!–-]|\s+(?:no|{_THANKS}|i|i'm|i'd|i'll|just|but|way|let|leave|it's"
    r"|that's|can|could|don't|not|tell|ich|quiero|solo|je)\b)"
)
_ACCEPTED: Final = re.compile(rf"{_YES}(?:\W+{_THANKS})*\W*|{_GOES_ON_YES}.*")
_REFUSED: Final = re.compile(rf"{_NO}(?:\W+{_THANKS})*\W*|{_GOES_ON_NO}.*")


def accepts(text: str) -> bool:
    """Say whether the words, said to an offer, say yes."""
    return _answers(_ACCEPTED, text)


def refuses(text: str) -> bool:
    """Say whether the words, said to an offer, say no, whatever else they ask for."""
    return _answers(_REFUSED, text)


def _answers(pattern: re.Pattern[str], text: str) -> bool:
    plain = normalise(text)
    return len(plain.split()) <= MOST_WORDS and pattern.fullmatch(plain) is not None
