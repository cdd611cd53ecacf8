"""Another policy tried on the past, at the board: its mistakes, its progress, and what it would have changed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from handoff.delivery import replay_worker
from tests.handoff.cast import GRACE, Clock, move_in
from tests.handoff.test_replay_command import two_conversations
from warmline.paths import PROJECT_ROOT

from .house import HousePages
from .test_accessibility import findings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SHIPPED = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")
SLOW = "import sys, time; sys.stdin.read(); print('{\"done\": 1}', flush=True); time.sleep(60)"


async def tried(pages: HousePages, page: Page, password_hash: str, policy: str) -> None:
    """Two conversations of March are on the board's replay tab, and this policy is written there."""
    await two_conversations(await move_in(pages.parts.context.db, Clock(), password_hash=password_hash))
    await pages.sign_in(page, GRACE, "#/board/replay")
    await page.get_by_test_id("replay-policy").fill(policy)
    await page.get_by_test_id("replay-since").fill("2026-03-01")
    await page.get_by_test_id("replay-until").fill("2026-03-31")
    await page.get_by_test_id("replay-run").click()


async def test_a_supervisor_sees_what_another_policy_would_have_changed_and_opens_the_case(
    house_pages: HousePages, page: Page, password_hash: str
) -> None:
    """P10, P28: whether fewer would be handed over for nothing is known before a policy is in force."""
    await tried(
        house_pages, page, password_hash, re.sub(r"offer_at_once: [\d.]+", "offer_at_once: 0.9", SHIPPED, count=1)
    )

    await expect(page.get_by_test_id("replay-changes")).to_contain_text("1 conversations change, of 2", timeout=60_000)
    await expect(page.get_by_test_id("replay-handoffs")).to_contain_text("1 → 0")
    await expect(page.get_by_test_id("replay-hours").locator("svg.chart .chart-column")).to_have_count(24)
    change = page.get_by_test_id("replay-change")
    await expect(change).to_contain_text("carries on → offers a person")
    await expect(change).to_contain_text("<script>alert(1)</script>")
    await expect(change).not_to_contain_text("maya.lind@web.de")
    await expect(change).to_contain_text("WL-1001: the agent said “Not needed”.")
    assert json.dumps(list(await findings(page))) == "[]"
    await page.emulate_media(media="print")
    await expect(page.get_by_test_id("replay-run")).to_be_hidden()
    await expect(change).to_be_visible()
    await page.emulate_media(media="screen")
    await change.get_by_test_id("replay-read").click()
    await expect(page.get_by_test_id("monitor-log")).to_contain_text("get me a person")
    await page.keyboard.press("Escape")
    await page.get_by_test_id("replay-which").select_option("less")
    await expect(change).to_have_count(0)
    await page.get_by_test_id("replay-which").select_option("more")
    await change.get_by_role("link", name="WL-1001").click()
    await expect(page.locator(".columns")).to_be_visible()


async def test_each_mistake_in_a_policy_leads_to_its_line(house_pages: HousePages, page: Page) -> None:
    await house_pages.sign_in(page, GRACE, "#/board/replay")
    await page.get_by_test_id("replay-run").click()
    await expect(page.get_by_test_id("replay-problems")).to_contain_text("Give a policy first")
    await page.get_by_test_id("replay-force").click()
    await expect(page.get_by_test_id("replay-policy")).to_have_value(SHIPPED)
    await page.get_by_test_id("replay-policy").fill(SHIPPED.replace("\nlevels:", "\nlevles:", 1))
    await page.get_by_test_id("replay-run").click()
    mistake = page.get_by_test_id("replay-problems").get_by_role("listitem").filter(has_text="levles")
    await expect(mistake).to_contain_text("check its spelling")
    await mistake.get_by_role("button").click()
    chosen = await page.evaluate(
        "(() => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd); })()"
    )
    assert chosen.startswith("levles:")
    assert json.dumps(list(await findings(page))) == "[]"


async def test_a_policy_comes_from_a_file_and_one_that_is_too_large_is_refused(
    house_pages: HousePages, page: Page, tmp_path: Path
) -> None:
    await house_pages.sign_in(page, GRACE, "#/board/replay")
    other, huge = tmp_path / "other.yml", tmp_path / "huge.yml"
    other.write_text("levels: <b>&amp;</b>\n", encoding="utf-8")
    huge.write_text("#" * 60_001, encoding="utf-8")
    await page.get_by_test_id("replay-file").set_input_files(other)
    await expect(page.get_by_test_id("replay-policy")).to_have_value("levels: <b>&amp;</b>\n")
    await page.get_by_test_id("replay-file").set_input_files(huge)
    await expect(page.get_by_test_id("replay-problems")).to_contain_text("larger than 60 KB")
    await expect(page.get_by_test_id("replay-policy")).to_have_value("levels: <b>&amp;</b>\n")


async def test_a_replay_shows_how_far_it_is_and_is_cancelled(
    house_pages: HousePages, page: Page, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_worker, "WORKER", (sys.executable, "-c", SLOW))
    await tried(house_pages, page, password_hash, SHIPPED)
    await expect(page.get_by_test_id("replay-status")).to_have_text("1 of 2 conversations are decided again")
    await page.get_by_test_id("board-tab-matrix").click()
    await page.get_by_test_id("board-tab-replay").click()
    await expect(page.get_by_test_id("replay-status")).to_have_text("1 of 2 conversations are decided again")
    await page.get_by_test_id("replay-cancel").click()
    await expect(page.get_by_test_id("replay-status")).to_have_text("The replay was cancelled.")
    await expect(page.get_by_test_id("replay-run")).to_be_focused()
    await expect(page.get_by_role("cell", name="cancelled")).to_be_visible()
