"""An e-mail address is taken out of what a customer writes, and checked with a clear reason (pain 11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.email_address import EmailAddress, EmailFault, WrongEmail, checked_email, email_in


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("maya.lind@mail.example", "maya.lind@mail.example"),
        ("  Maya.Lind+shop@Mail.Example ", "Maya.Lind+shop@mail.example"),
        ("o'brien_1@sub.mail.co.uk", "o'brien_1@sub.mail.co.uk"),
        ("maya@bücher.example", "maya@bücher.example"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_small_letters(text: str, address: str) -> None:
    """The part before the @ belongs to the mailbox's own house, which may tell capitals apart (RFC 5321, 2.4)."""
    assert checked_email(text) == EmailAddress(address)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("maya", EmailFault.NO_AT),
        ("maya@mail@example.com", EmailFault.TWO_AT),
        ("maya lind@mail.example", EmailFault.SPACE),
        ("@mail.example", EmailFault.LOCAL),
        ("maya..lind@mail.example", EmailFault.LOCAL),
        (".maya@mail.example", EmailFault.LOCAL),
        ("maya@", EmailFault.DOMAIN),
        ("maya@mail,example", EmailFault.DOMAIN),
        ("maya@-mail.example", EmailFault.DOMAIN),
        ("maya@mail..example", EmailFault.DOMAIN),
        ("maya@mail", EmailFault.ENDING),
        ("maya@mail.c", EmailFault.ENDING),
        ("maya@192.168.0.1", EmailFault.ENDING),
        ("m" * 65 + "@mail.example", EmailFault.TOO_LONG),
        ("maya@" + "a" * 60 + ".b" * 92 + ".example", EmailFault.TOO_LONG),
        ("maya@" + "a" * 64 + ".example", EmailFault.DOMAIN),
    ],
)
def test_what_cannot_be_an_address_is_told_why(text: str, fault: EmailFault) -> None:
    assert checked_email(text) == WrongEmail(text, fault)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Sure, it's maya@mail.example.", EmailAddress("maya@mail.example")),
        ("<maya@mail.example>, thank you", EmailAddress("maya@mail.example")),
        ("mailto:maya@mail.example", EmailAddress("maya@mail.example")),
        ("not maya@mail but maya@mail.example", EmailAddress("maya@mail.example")),
        ("maya @ mail.example", WrongEmail("maya @mail.example", EmailFault.SPACE)),
        ("it is maya@mail", WrongEmail("maya@mail", EmailFault.ENDING)),
        ("When will somebody be there?", None),
        ("I wrote to @larkfield already", None),
        ("let's meet @ home", None),
    ],
)
def test_an_address_is_found_among_other_words(message: str, found: EmailAddress | WrongEmail | None) -> None:
    assert email_in(message) == found


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_has_a_fault(text: str) -> None:
    """What was found right stays right when it is checked again, and no text breaks the check."""
    for found in (checked_email(text), email_in(text)):
        if isinstance(found, EmailAddress):
            assert checked_email(found.address) == found
