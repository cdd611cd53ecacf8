"""Which files are taken, and under which name: by content, never by what somebody calls it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.attachments import NAME_CHARACTERS, START_BYTES, MediaType, clean_name, kind_of
from tests.handoff.files import GIF, HTML, JPEG, PDF, PNG, WEBP

KINDS = {
    MediaType.PNG: PNG,
    MediaType.JPEG: JPEG,
    MediaType.GIF: GIF,
    MediaType.WEBP: WEBP,
    MediaType.PDF: PDF,
}
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")
ZIP, EXE, ELF = b"PK\x03\x04", b"MZ\x90\x00", b"\x7fELF"


@pytest.mark.parametrize("kind", list(MediaType))
def test_a_picture_or_a_pdf_is_known_by_its_content(kind: MediaType) -> None:
    assert kind_of(KINDS[kind][:START_BYTES]) is kind


@pytest.mark.parametrize(
    "start",
    [
        HTML,
        ZIP + bytes(28),
        EXE + bytes(28),
        ELF + bytes(28),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\x89PNG\r\n\x1a\n" + HTML,
        b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(16),
        b" %PDF-1.7",
        b"%PDF-x",
        b"GIF90a" + bytes(26),
        b"",
    ],
)
def test_anything_else_is_not_taken(start: bytes) -> None:
    assert kind_of(start[:START_BYTES]) is None


@given(st.sampled_from(list(MediaType)), st.binary(max_size=64))
def test_what_follows_the_start_never_changes_what_a_file_is(kind: MediaType, tail: bytes) -> None:
    """Files that are two things at once, such as a picture with a page behind it, stay what they begin as."""
    assert kind_of(KINDS[kind][:START_BYTES] + tail + HTML + ZIP) is kind


@given(st.sampled_from([HTML, ZIP, EXE, ELF]), st.sampled_from(list(MediaType)))
def test_a_file_with_a_picture_hidden_further_in_is_not_taken(start: bytes, kind: MediaType) -> None:
    assert kind_of((start + KINDS[kind])[:START_BYTES]) is None


@given(st.binary(max_size=START_BYTES))
def test_only_the_signatures_of_the_five_kinds_are_let_in(start: bytes) -> None:
    known = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF-")
    assert kind_of(start) is None or start.startswith(known)


@pytest.mark.parametrize(
    ("given_name", "kind", "shown"),
    [
        ("receipt.pdf", MediaType.PDF, "receipt.pdf"),
        ("Küche & Müll.JPEG", MediaType.JPEG, "Küche & Müll.jpeg"),
        ("../../etc/passwd", MediaType.PNG, "passwd.png"),
        ("C:\\Users\\maya\\photo.png", MediaType.PNG, "photo.png"),
        ("invoice.pdf.exe", MediaType.PDF, "invoice.pdf.exe.pdf"),
        ("photo.png", MediaType.PDF, "photo.png.pdf"),
        ("photo\u202egpj.exe", MediaType.PNG, "photogpj.exe.png"),
        ("a\x00b\r\nSet-Cookie: x=1.png", MediaType.PNG, "ab Set-Cookie x=1.png"),
        ("<img src=x onerror=alert(1)>.png", MediaType.PNG, "img src=x onerror=alert(1).png"),
        (".htaccess", MediaType.PDF, "htaccess.pdf"),
        ("con.png", MediaType.PNG, "_con.png"),
        ("", MediaType.GIF, "file.gif"),
        ("....", MediaType.WEBP, "file.webp"),
        (".png", MediaType.PNG, "png.png"),
        ("صورة.png", MediaType.PNG, "صورة.png"),
    ],
)
def test_a_name_is_cleaned_of_what_could_deceive(given_name: str, kind: MediaType, shown: str) -> None:
    assert clean_name(given_name, kind) == shown


@given(st.text(max_size=300), st.sampled_from(list(MediaType)))
def test_every_name_becomes_one_that_is_short_visible_and_ends_as_its_content(name: str, kind: MediaType) -> None:
    cleaned = clean_name(name, kind)

    assert 0 < len(cleaned) <= NAME_CHARACTERS
    assert cleaned.endswith(ENDINGS)
    assert not cleaned.startswith((".", " "))
    assert not set(cleaned) & set('/\\<>:"|?*')
    assert all(sign == " " or unicodedata.category(sign)[0] not in "CZ" for sign in cleaned)
    assert clean_name(cleaned, kind) == cleaned
