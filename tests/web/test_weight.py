"""What a website loads stays light, and what the widget says is the content team's."""

from __future__ import annotations

import gzip
import re

from .fake_app import WEB, served_wording

WIDGET = WEB / "widget"
KIB = 1024


def weight(*names: str) -> int:
    return sum(len(gzip.compress((WEB / name).read_bytes(), 9)) for name in names)


def loaded_modules() -> set[str]:
    """Every file that opening the panel loads, followed from import to import."""
    found: set[str] = set()
    waiting = ["widget/widget.js", "widget/panel.js", "widget/panel.css", "shared/tokens.css"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for target in re.findall(r'from "(\.[^"]+)"', (WEB / name).read_text()):
            waiting.append(str(((WEB / name).parent / target).resolve().relative_to(WEB.resolve())))
    return found


def test_the_loader_stays_under_three_kilobytes() -> None:
    assert weight("widget/widget.js") <= 3 * KIB


def test_the_whole_widget_stays_under_twenty_kilobytes() -> None:
    assert weight(*loaded_modules()) <= 20 * KIB


def test_the_handoff_card_is_loaded_with_a_case_alone_and_stays_under_two_kilobytes() -> None:
    assert "widget/card.js" not in loaded_modules()
    assert weight("widget/card.js") <= 2 * KIB


def test_every_text_of_the_widget_stands_in_the_wording_file() -> None:
    source = "".join(path.read_text() for path in WIDGET.glob("*.js"))
    used = set(re.findall(r'say\("(\w+)"', source)) | set(re.findall(r'\[this\.\w+, "(\w+)"\]', source))
    first = re.search(r"AT_FIRST = \{(.*?)\};", source, re.DOTALL)
    assert first
    used |= set(re.findall(r"(\w+): [\"']", first.group(1)))
    assert used - set(served_wording()) == set()


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    long = [path.name for path in WEB.rglob("*.js") if len(path.read_text().splitlines()) > 300]
    assert long == []


def test_no_page_parses_text_as_html() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser|new Function")
    assert [path.name for path in WEB.rglob("*.js") if forbidden.search(path.read_text())] == []
