"""The pages' files as they are sent: packed, known again by their content, the widget's without what people read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from handoff.http.pages import WEB
from handoff.http.static_files import StaticFiles
from tests.handoff.service import Service

SOURCE = '/** What it does. */\n\n// Why.\nexport const said = "  kept // as it is  ";\n'


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "said.js"
    path.write_text(SOURCE)
    return path


def test_the_widgets_files_lose_comments_and_keep_their_strings(script: Path) -> None:
    sent = StaticFiles().get(script, squeeze=True)
    assert sent.body == b'export const said="  kept // as it is  ";'
    assert sent.packed is not None
    assert gzip.decompress(sent.packed) == sent.body


def test_an_operator_may_have_them_as_written(script: Path) -> None:
    assert StaticFiles(as_written=True).get(script, squeeze=True).body.decode() == SOURCE
    assert StaticFiles().get(script, squeeze=False).body.decode() == SOURCE


def test_a_file_that_was_changed_is_sent_anew(script: Path) -> None:
    files = StaticFiles()
    before = files.get(script, squeeze=True)
    assert files.get(script, squeeze=True) is before
    script.write_text("export const said = 2;\n")
    after = files.get(script, squeeze=True)
    assert (after.body, after.etag == before.etag) == (b"export const said=2;", False)


async def test_a_browser_that_has_the_content_already_is_not_sent_it_again(service: Service) -> None:
    first = await service.call("GET", "/widget.js")
    again = await service.call("GET", "/widget.js", headers={"If-None-Match": first.headers["ETag"]})
    changed = await service.call("GET", "/widget.js", headers={"If-None-Match": 'W/"another"'})

    assert (first.status, again.status, changed.status) == (200, 304, 200)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "no-cache"


async def test_texts_travel_packed_to_whoever_takes_that_and_pictures_as_they_are(service: Service) -> None:
    url = service.server.make_url("/widget/panel.css")
    session = service.browser()
    async with (
        session.get(url, headers={"Accept-Encoding": "gzip"}) as packed,
        session.get(url, headers={"Accept-Encoding": "identity"}) as plain,
    ):
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert await packed.read() == await plain.read()
        assert b"/*" not in await plain.read()


async def test_the_desks_files_stay_readable(service: Service) -> None:
    async with service.browser().get(service.server.make_url("/desk/desk.js")) as answer:
        assert await answer.text() == (WEB / "desk" / "desk.js").read_text()
