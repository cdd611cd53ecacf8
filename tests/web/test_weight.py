"""What a website loads stays light, and what the widget says is the content team's."""

from __future__ import annotations

import re
from pathlib import Path

from handoff.http.joining import join
from handoff.http.pages import JOINED
from handoff.http.static_files import StaticFiles

from .fake_app import WEB, served_wording

WIDGET = WEB / "widget"
KIB = 1024
LOADER = WIDGET / "widget.js"


def weight(*paths: Path) -> int:
    """Bytes on the wire: as the service sends the files to a browser that takes gzip."""
    files = StaticFiles(JOINED)
    return sum(len(files.get(path, squeeze=True).packed or b"") for path in paths)


def test_the_loader_stays_under_three_kilobytes() -> None:
    assert weight(LOADER) <= 3 * KIB


def test_the_whole_widget_stays_under_twenty_kilobytes_with_cards_files_survey_and_transcript() -> None:
    joined = {source for path in JOINED for source in join(path).sources}
    assert set(WIDGET.iterdir()) | {WEB / "shared/files.js", WEB / "shared/files.css"} <= joined | {LOADER}
    assert weight(LOADER, *JOINED) <= 20 * KIB


def test_every_text_of_the_widget_stands_in_the_wording_file() -> None:
    source = "".join(path.read_text() for path in WIDGET.glob("*.js"))
    used = set(re.findall(r'say\("(\w+)"', source)) | set(re.findall(r'\[this\.\w+, "(\w+)"\]', source))
    first = re.search(r"const FIRST = \{(.*?)\n\};", source, re.DOTALL)
    assert first
    used |= set(re.findall(r"(\w+): \"", first.group(1)))
    assert used - set(served_wording()) == set()


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    long = [path.name for path in WEB.rglob("*.js") if len(path.read_text().splitlines()) > 300]
    assert long == []


def test_no_page_parses_text_as_html() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser|new Function")
    assert [path.name for path in WEB.rglob("*.js") if forbidden.search(path.read_text())] == []
