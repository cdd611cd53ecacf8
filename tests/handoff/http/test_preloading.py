"""A page names the modules that it will need, however deep they are imported."""

from __future__ import annotations

from pathlib import Path

from handoff.http.preloading import modules_of, with_preloads
from handoff.http.static_files import Preloading, StaticFiles


def test_modules_are_followed_through_their_imports_and_not_to_those_that_wait(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import {\n  b,\n} from "./b.js";\nexport * from "./c.js";\nimport("./later.js");\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\n// from "./comment.js";\n')
    (tmp_path / "c.js").write_text('import "./sub/d.js";\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "d.js").write_text("")
    found = modules_of([tmp_path / "a.js"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a.js", "b.js", "c.js", "sub/d.js"]
    links = with_preloads("<head></head><p></head>", found[3:], tmp_path)
    assert links == '<head>  <link rel="modulepreload" href="/sub/d.js">\n</head><p></head>'


def test_a_page_is_sent_anew_when_a_module_imports_another(tmp_path: Path) -> None:
    page, script = tmp_path / "index.html", tmp_path / "a.js"
    page.write_text("<head></head>")
    script.write_text("")
    (tmp_path / "b.js").write_text("")
    files = StaticFiles(preloading={page: Preloading(tmp_path, (script,))})
    assert files.get(page, squeeze=False).body.count(b"modulepreload") == 1
    script.write_text('import "./b.js";\n')
    assert files.get(page, squeeze=False).body.count(b"modulepreload") == 2
