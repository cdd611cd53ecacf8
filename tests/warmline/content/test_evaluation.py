"""An evaluation counts what customers would notice, and its report cannot be made to run anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from warmline.content.evaluation import Beside, Changed, Evaluation, cross_validate
from warmline.content.measures import Judged, Measures, measure
from warmline.content.report import render_report
from warmline.content.sources import Sources
from warmline.content.structure import OUT_OF_SCOPE
from warmline.content.understanding import Understood

MADE = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
NASTY = "<script>alert('x')</script> & \"quotes\""


def judged(text: str, expected: str, best: str, score: float, confidence: float = 0.9) -> Judged:
    label = best if score >= 0.5 else OUT_OF_SCOPE
    return Judged(text, expected, Understood(label, best, confidence, score, 0.5))


@pytest.fixture
def measures() -> Measures:
    return measure(
        "warmline-1.tar.gz",
        [
            judged("where is it", "order_status", "order_status", 0.9),
            judged("has it gone", "order_status", "cancel_order", 0.8, confidence=0.6),
            judged("gone yet?", "order_status", "cancel_order", 0.7, confidence=0.6),
            judged("stop it", "cancel_order", "cancel_order", 0.3),
            judged(NASTY, OUT_OF_SCOPE, "order_status", 0.2),
            judged("how tall is Everest", OUT_OF_SCOPE, "order_status", 0.75),
        ],
    )


def test_right_answers_refusals_and_confusions_are_counted(measures: Measures) -> None:
    assert (measures.questions, measures.right) == (6, 2)
    assert measures.accuracy == pytest.approx(2 / 6)
    assert measures.known_right == pytest.approx(1 / 4)
    assert measures.unknown_refused == pytest.approx(1 / 2)
    first = measures.confusions[0]
    assert (first.expected, first.taken_for, first.count) == ("order_status", "cancel_order", 2)
    assert first.sentences == ("has it gone", "gone yet?")
    status = next(item for item in measures.labels if item.label == "order_status")
    assert (status.recall, status.precision) == (pytest.approx(1 / 3), pytest.approx(1 / 2))


def test_the_scope_curve_says_what_each_threshold_would_do(measures: Measures) -> None:
    at = {round(point.threshold, 3): point for point in measures.scope_curve}

    assert (at[0.5].known_passed, at[0.5].unknown_refused) == (3 / 4, 1 / 2)
    assert (at[0.0].known_passed, at[0.0].unknown_refused) == (1.0, 0.0)
    assert measures.scope_auroc == pytest.approx(6 / 8)  # of eight pairs, six have the known question above


def test_honest_confidence_has_no_calibration_error() -> None:
    sure = [judged(str(n), "a", "a" if n < 9 else "b", 0.9, confidence=0.9) for n in range(10)]

    assert measure("m", sure).calibration_error == pytest.approx(0.0, abs=1e-9)
    boasting = [judged(str(n), "a", "a" if n < 5 else "b", 0.9, confidence=0.9) for n in range(10)]
    assert measure("m", boasting).calibration_error == pytest.approx(0.4)


class Page(HTMLParser):
    """Which elements and attributes a page has, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_loads_nothing_and_runs_nothing_whatever_customers_wrote(measures: Measures) -> None:
    change = (Changed(NASTY, "order_status", "order_status", NASTY),)
    evaluation = Evaluation(measures, measures, change, change, (Beside(NASTY, 3, 0.5, 0.4),), measures, 1.0)
    html = render_report(evaluation, MADE)
    page = Page(html)

    assert {"script", "link", "img", "iframe", "object", "form", "a"}.isdisjoint(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "action")]
    assert "default-src 'none'" in dict(page.attributes)["content"] or "default-src 'none'" in html
    assert not re.search(r"url\(|@import|https?://", html)
    assert page.text.count(NASTY) >= 4


def test_the_report_shows_what_an_editor_must_know(measures: Measures) -> None:
    worse = (Changed("has it gone", "order_status", "order_status", "cancel_order"),)
    page = Page(render_report(Evaluation(measures, measures, (), worse, (), None, 1.0), MADE))

    for said in ("33.3%", "Worse now: 1", "Better now: 0", "has it gone", "26 November 2026", "Calibration error"):
        assert said in page.text
    assert {"svg", "polyline", "rect", "table"} <= page.tags


def test_a_model_without_another_beside_it_has_a_report_too(measures: Measures) -> None:
    page = Page(render_report(Evaluation(measures, None, (), (), (), None, 1.0), MADE))

    assert "no other model" in page.text
    assert "Worse now" not in page.text


def test_cross_validation_asks_every_example_of_a_model_that_did_not_see_it(sources: Sources) -> None:
    told: list[str] = []
    measured = cross_validate(sources, told.append)

    assert measured.questions == 16
    assert told[-1] == "cross-validation 4 of 4"
    assert OUT_OF_SCOPE in {item.label for item in measured.labels}
