"""The widget's panel is sent as one script and one style sheet, made from the modules as they are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from handoff.http.joining import JoiningError, join
from handoff.http.pages import JOINED
from handoff.http.static_files import StaticFiles


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "entry.js"


def test_each_module_stands_once_and_after_those_that_it_needs(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        entry='import { one } from "./one.js";\nimport { two } from "./two.js";\nexport function open() {}\n',
        one='import { two } from "./two.js";\nexport const one = two;\n',
        two="export const two = 2;\n",
    )
    joined = join(entry)

    assert joined.text == "const two = 2;\nconst one = two;\nexport function open() {}\n"
    assert [source.name for source in joined.sources] == ["two.js", "one.js", "entry.js"]


def test_a_name_that_two_modules_have_is_refused_with_both(tmp_path: Path) -> None:
    one = "const row = 1;\nexport const a = row;\n"
    entry = write(tmp_path, entry='import { a } from "./one.js";\nconst row = a;\n', one=one)
    with pytest.raises(JoiningError, match=r"entry\.js and one\.js both have a row"):
        join(entry)


@pytest.mark.parametrize(
    "line",
    ['import * as all from "./one.js";', 'import "./one.js";', "export default 1;", 'const one = import("./one.js");'],
)
def test_another_form_of_import_or_export_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(JoiningError, match=r"entry\.js: write it as"):
        join(write(tmp_path, entry=line + "\n", one="export const a = 1;\n"))


def test_a_change_in_any_module_is_sent_at_once(tmp_path: Path) -> None:
    entry = write(tmp_path, entry='import { a } from "./one.js";\nexport const b = a;\n', one="export const a = 1;\n")
    files = StaticFiles([entry])
    before = files.get(entry, squeeze=True)
    assert files.get(entry, squeeze=True) is before
    write(tmp_path, one="export const a = 22;\n")

    assert b"a=22" in files.get(entry, squeeze=True).body


def test_the_widgets_panel_and_its_sheet_can_be_joined() -> None:
    script, sheet = (join(path) for path in JOINED)
    assert script.text.count("\nexport ") == 1
    assert "@import" not in sheet.text
    assert os.path.commonpath(script.sources) == os.path.commonpath(sheet.sources)
