"""What a page felt like for a while: its frames, what blocked it, what jumped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page

from benchmarks.figures import percentile

LONG_TASK_MS: Final = 50.0
"""From here on a task blocks (W3C Long Tasks): a click waits noticeably."""

_BEGIN: Final = """
() => {
  const watch = (window.smoothness = { frames: [], tasks: [], shifts: 0, running: true });
  const observe = (type, note) => {
    watch[type] = new PerformanceObserver((list) => list.getEntries().forEach(note));
    watch[type].observe({ type, buffered: false });
  };
  observe("longtask", (entry) => watch.tasks.push(entry.duration));
  observe("layout-shift", (entry) => { if (!entry.hadRecentInput) watch.shifts += entry.value; });
  let last = performance.now();
  requestAnimationFrame(function frame(now) {
    watch.frames.push(now - last);
    last = now;
    if (watch.running) requestAnimationFrame(frame);
  });
}
"""
_END: Final = """
() => {
  const watch = window.smoothness;
  watch.running = false;
  watch.longtask.takeRecords().forEach((entry) => watch.tasks.push(entry.duration));
  watch.longtask.disconnect();
  watch["layout-shift"].disconnect();
  return { frames: watch.frames.slice(1), tasks: watch.tasks, shifts: watch.shifts };
}
"""


@dataclass(frozen=True)
class Smoothness:
    """Durations in milliseconds; ``shift`` is the sum of layout-shift scores without anybody's doing."""

    name: str
    frames: int
    p95_frame_ms: float
    worst_frame_ms: float
    blocking: int
    longest_task_ms: float
    shift: float


@dataclass
class Noted:
    """Filled when the watching ends."""

    found: Smoothness | None = None


@asynccontextmanager
async def watching(page: Page, name: str) -> AsyncIterator[Noted]:
    """Notes every frame and every long task of the page while the body runs."""
    noted = Noted()
    await page.evaluate(_BEGIN)
    yield noted
    seen = await page.evaluate(_END)
    frames, tasks = seen["frames"] or [0.0], seen["tasks"]
    noted.found = Smoothness(
        name,
        len(frames),
        percentile(frames, 0.95),
        max(frames),
        sum(task > LONG_TASK_MS for task in tasks),
        max(tasks, default=0.0),
        seen["shifts"],
    )
