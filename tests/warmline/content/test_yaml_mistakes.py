"""A mistake in the YAML is told in words that an editor understands, once, and where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from warmline.content.nodes import UnreadableError, compose
from warmline.content.sources import Sources
from warmline.content.structure import check_structure

FILE = """version: "3.1"
nlu:
- intent: faq/billing_methods
  examples: |
    - how can I pay
    - which cards do you take
    - do you take cheques

responses:
  utter_faq/billing_methods:
  - text: |-
      By card or PayPal.
  utter_faq/billing_invoice:
  - text: "By e-mail."
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "what", "mend"),
    [
        ("    - which", "   - which", 6, "begins with 3 spaces", "4 spaces"),
        ("    - which", "\t- which", 6, "a tab", "by spaces"),
        ("- intent: faq", "- intent:faq", 3, "a space is missing behind `- intent:`", "one space"),
        ('"By e-mail."', "Note: by e-mail: always", 14, "a colon in it", "in quotes"),
        ("|-\n      By card", '"By card', 11, "never closed", 'put a "'),
        ("    - which", "\u00a0\u00a0\u00a0\u00a0- which", 6, "a space of another kind", "ordinary spaces"),
        ("    - which", "<<<<<<< HEAD\n    - which", 6, "two versions of this file", "keep one of the two"),
        ('"By e-mail."', "“Note: by e-mail”", 14, "a curved quote", "straight quotes"),
        ("which cards", "which\u0007 cards", 6, "cannot be shown", "write this line again"),
        ("      By card", "  By card", 12, "begins with 2 spaces", "6 spaces"),
    ],
)
def test_the_usual_mistake_is_named_with_its_line_and_its_mend(
    tmp_path: Path, right: str, wrong: str, line: int, what: str, mend: str
) -> None:
    file = tmp_path / "billing.yml"
    assert right in FILE
    file.write_text(FILE.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(UnreadableError) as told:
        compose(file)
    assert (told.value.line, what in told.value.what, mend in told.value.mend) == (line, True, True), str(told.value)
    mended = file.read_text(encoding="utf-8").replace(wrong, right, 1)
    file.write_text(mended, encoding="utf-8")
    assert compose(file) is not None


def test_line_ends_of_windows_and_umlauts_are_read(tmp_path: Path) -> None:
    file = tmp_path / "billing.yml"
    file.write_bytes(FILE.replace("cheques", "Münzen").replace("\n", "\r\n").encode("utf-8"))
    assert compose(file) is not None
    file.write_bytes(FILE.replace("cheques", "Münzen").encode("latin-1"))
    with pytest.raises(UnreadableError, match="UTF-8") as told:
        compose(file)
    assert (told.value.line, "save the file as UTF-8" in told.value.mend) == (7, True)


def test_one_broken_file_is_one_error_and_not_one_for_each_name_that_stands_in_it(sources: Sources) -> None:
    file = sources.data_dir / "faq" / "billing.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("  examples: |", "\texamples: |", 1), encoding="utf-8")
    (found,) = [finding for finding in check_structure(sources) if finding.kind != "few"]
    assert (found.file, found.kind) == (file, "unreadable")


def test_examples_without_the_bar_are_told_because_rasa_would_leave_them_out(sources: Sources) -> None:
    file = sources.data_dir / "faq" / "billing.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("  examples: |", "  examples:", 1), encoding="utf-8")
    assert any("needs the bar" in finding.what for finding in check_structure(sources))


def test_a_key_that_begins_with_no_category_is_told(sources: Sources) -> None:
    (sources.data_dir / "escalation.yml").write_text(
        "categories:\n  billing: {topics: [faq/invoices_*]}\n", encoding="utf-8"
    )
    told = [finding.what for finding in check_structure(sources) if "belongs to no category" in finding.what]
    assert "faq/billing_methods belongs to no category: a case about it waits in the general queue" in told
