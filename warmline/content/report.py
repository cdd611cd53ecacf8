"""The evaluation as one HTML page that opens in any browser: nothing is loaded, nothing runs, all text is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from warmline.content.charts import as_html, element, heat_map, reliability_chart, scope_chart
from warmline.content.evaluation import Changed, Evaluation
from warmline.content.measures import WORST, Confusion, LabelMeasure, Measures

STYLE: Final = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
GOOD: Final = 0.9
POOR: Final = 0.75


def render_report(evaluation: Evaluation, made: datetime) -> str:
    """The page. ``made`` is when the evaluation ran, in UTC."""
    return html_page(f"Evaluation of {evaluation.candidate.name}", STYLE, *_page(evaluation, made))


def html_page(title: str, style: str, *content: Element) -> str:
    """A report as a whole page that loads nothing and runs nothing."""
    head = element(
        "head",
        None,
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}),
        element("title", None, title),
        element("style", None, style),
    )
    body = element("body", None, element("main", None, *content))
    return "<!DOCTYPE html>\n" + as_html(element("html", {"lang": "en"}, head, body)) + "\n"


def _page(evaluation: Evaluation, made: datetime) -> Iterator[Element]:
    new, old = evaluation.candidate, evaluation.live
    beside = f"beside the live model {old.name}" if old else "there is no other model to compare it with"
    yield element(
        "header",
        None,
        element("h1", None, "How well the assistant understands"),
        element(
            "p",
            {"class": "muted"},
            f"{new.name}, {beside}. {made:%d %B %Y, %H:%M} UTC, "
            f"{new.questions} test questions, {evaluation.seconds:.1f} s.",
        ),
    )
    yield element("section", {"class": "tiles"}, *_tiles(new, old, evaluation))
    if old is not None:
        yield section(
            "What got better and worse",
            "Questions that exactly one of the two models gets right.",
            element(
                "div",
                {"class": "two"},
                _changes("Worse now", "worse", evaluation.worse),
                _changes("Better now", "better", evaluation.better),
            ),
        )
    yield section(
        "The worst confusions",
        "What was meant, what it was taken for, and the questions themselves.",
        *_confusions(new.confusions[:WORST]),
    )
    if new.confusions:
        yield section(
            "Confusion map",
            "Mistakes only: rows are what was meant, columns what it was taken for.",
            element("div", {"class": "scroll"}, heat_map(new.confusions)),
        )
    yield element("div", {"class": "two"}, *_curves(new))
    yield section("Intents and FAQs", "The least understood first.", _labels(new.labels, old))
    if evaluation.cross_validation is not None:
        yield _crossed(evaluation.cross_validation)


def _curves(new: Measures) -> Iterator[Element]:
    yield section(
        "Is it as right as it is sure?",
        "Bars on the dotted line mean honest confidence; the number is how many questions. "
        f"Calibration error {new.calibration_error:.1%}.",
        element("figure", None, reliability_chart(new.reliability)),
    )
    if new.scope_curve:
        yield section(
            "What it refuses",
            "Blue: its own questions that it lets through. Orange: questions that are none of its business and that it "
            f"refuses. The upright line is the threshold in use, {new.threshold:.3f}.",
            element("figure", None, scope_chart(new.scope_curve, new.threshold)),
        )


def _tiles(new: Measures, old: Measures | None, evaluation: Evaluation) -> Iterator[Element]:
    yield _tile("understood rightly", new.accuracy, old.accuracy if old else None)
    if new.known_right is not None:
        yield _tile("right answer, in scope", new.known_right, old.known_right if old else None)
    if new.unknown_refused is not None:
        yield _tile("refused, out of scope", new.unknown_refused, old.unknown_refused if old else None)
    for other in evaluation.others:
        yield _tile(f"{other.name}.yml ({other.questions})", other.candidate, other.live)
    if new.scope_auroc is not None:
        yield _tile("scope AUROC", new.scope_auroc, old.scope_auroc if old else None, percent=False)


def _tile(name: str, value: float, before: float | None, *, percent: bool = True) -> Element:
    shown = f"{value:.1%}" if percent else f"{value:.3f}"
    parts: list[Element | str] = [element("div", {"class": "value"}, shown), element("div", {"class": "name"}, name)]
    if before is not None:
        gap = value - before
        kind = "same" if abs(gap) < 0.0005 else "up" if gap > 0 else "down"
        change = f"{gap * 100:+.1f} points" if percent else f"{gap:+.3f}"
        parts.append(element("div", {"class": f"change {kind}"}, "as before" if kind == "same" else change))
    return element("div", {"class": "tile"}, *parts)


def section(title: str, lead: str, *content: Element) -> Element:
    """A part of a report with its heading and what it is about."""
    return element("section", None, element("h2", None, title), element("p", {"class": "muted"}, lead), *content)


def _changes(title: str, kind: str, changes: Sequence[Changed]) -> Element:
    rows = [
        element(
            "li",
            None,
            element("q", None, item.text),
            element(
                "div",
                {"class": "muted"},
                "meant ",
                _code(item.expected),
                "; before ",
                _code(item.live),
                ", now ",
                _code(item.candidate),
            ),
        )
        for item in changes
    ]
    nothing = element("p", {"class": "muted"}, "None.")
    return element(
        "div",
        {"class": f"changes {kind}"},
        element("h3", None, f"{title}: {len(changes)}"),
        element("ul", None, *rows) if rows else nothing,
    )


def _confusions(confusions: Sequence[Confusion]) -> Iterator[Element]:
    if not confusions:
        yield element("p", None, "None: every question was understood.")
    for item in confusions:
        title = element("h3", None, _code(item.expected), " taken for ", _code(item.taken_for))
        title.append(element("span", {"class": "badge"}, str(item.count)))
        yield element(
            "div",
            {"class": "confusion"},
            title,
            element("ul", None, *(element("li", None, element("q", None, text)) for text in item.sentences)),
        )


def _labels(labels: Sequence[LabelMeasure], old: Measures | None) -> Element:
    before = {item.label: item.recall for item in old.labels} if old else {}
    heads = ["intent or FAQ", "questions", "right", "", "precision", "F1", *(["before"] if old else [])]
    kinds = [
        {"scope": "col", "class": "number"} if head in heads[1:3] + heads[4:] else {"scope": "col"} for head in heads
    ]
    rows = [element("tr", None, *(element("th", dict(kind), head) for kind, head in zip(kinds, heads, strict=True)))]
    for item in labels:
        cells = [
            element("td", None, _code(item.label)),
            element("td", {"class": "number"}, str(item.questions)),
            element("td", {"class": "number"}, f"{item.recall:.0%}"),
            element("td", None, _bar(item.recall)),
            element("td", {"class": "number"}, f"{item.precision:.0%}"),
            element("td", {"class": "number"}, f"{item.f1:.2f}"),
        ]
        if old:
            was = before.get(item.label)
            kind = "" if was is None or was == item.recall else " up" if item.recall > was else " down"
            cells.append(element("td", {"class": f"number{kind}"}, "" if was is None else f"{was:.0%}"))
        rows.append(element("tr", None, *cells))
    return element("div", {"class": "scroll"}, element("table", None, *rows))


def _crossed(measures: Measures) -> Element:
    lead = (
        f"{measures.accuracy:.1%} of {measures.questions} examples are understood by a model that was trained without "
        "them. It is stricter than the test set: what it finds are entries that resemble each other."
    )
    return section(
        "Cross-validation of the examples",
        lead,
        *_confusions(measures.confusions[:WORST]),
        element("div", {"class": "scroll"}, heat_map(measures.confusions)) if measures.confusions else element("span"),
        element("details", None, element("summary", None, "All intents and FAQs"), _labels(measures.labels, None)),
    )


def _bar(share: float) -> Element:
    kind = "good" if share >= GOOD else "fair" if share >= POOR else "poor"
    return element(
        "div", {"class": "meter"}, element("div", {"class": kind, "style": f"width:{max(share, 0.02) * 100:.0f}%"})
    )


def _code(text: str) -> Element:
    return element("code", None, text)
