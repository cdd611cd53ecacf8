"""What a website loads stays light, and what the widget says is the content team's."""

from __future__ import annotations

import re

from handoff.http.static_files import StaticFiles

from .fake_app import WEB, served_wording

WIDGET = WEB / "widget"
KIB = 1024
OPENED = ("widget/panel.js", "widget/panel.css", "shared/tokens.css")
"""What opening the panel loads by name."""
FILES = {"widget/attach.js", "widget/files.js", "shared/files.js"}
"""What sending and showing files needs."""


def weight(*names: str) -> int:
    """Bytes on the wire: as the service sends the files to a browser that takes gzip."""
    files = StaticFiles()
    return sum(len(files.get(WEB / name, squeeze=True).packed or b"") for name in names)


def modules(*first: str, lazily: bool = False) -> set[str]:
    """Every file that is loaded with these, followed by their imports; ``lazily`` also those that wait for a need."""
    found: set[str] = set()
    waiting = list(first)
    pattern = r'(?:from |import\()"(\.[^"]+)"' if lazily else r'from "(\.[^"]+)"'
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for target in re.findall(pattern, (WEB / name).read_text()):
            waiting.append(str(((WEB / name).parent / target).resolve().relative_to(WEB.resolve())))
    return found


def test_the_loader_stays_under_three_kilobytes() -> None:
    assert weight("widget/widget.js") <= 3 * KIB


def test_the_whole_widget_stays_under_twenty_kilobytes_with_all_that_is_loaded_only_when_needed() -> None:
    everything = modules("widget/widget.js", *OPENED, lazily=True)
    assert {f"widget/{path.name}" for path in WIDGET.iterdir()} <= everything
    assert weight(*everything - FILES) <= 20 * KIB


def test_pictures_and_pdf_files_add_less_than_four_kilobytes_for_those_who_send_or_get_some() -> None:
    assert FILES & modules("widget/widget.js", *OPENED) == {"widget/attach.js"}
    assert weight(*FILES, "shared/files.css") <= 4 * KIB


def test_what_only_some_customers_need_is_loaded_when_they_need_it() -> None:
    opened = modules("widget/widget.js", *OPENED)
    assert "widget/card.js" not in opened
    assert weight(*opened) < weight(*modules("widget/widget.js", *OPENED, lazily=True))


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
