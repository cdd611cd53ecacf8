"""
Whether a page still looks as it was kept in ``docs/screens``.

Two pictures are compared in blocks by their mean colour, in Chromium itself. Another machine's fonts move a few blocks;
a style sheet that is missing, a column that fell below another or a colour that changed move many.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import BrowserContext, Page

from warmline.paths import PROJECT_ROOT

from .appearance import styled_as_kept

SCREENS: Final = PROJECT_ROOT / "docs" / "screens"
BLOCK_PX: Final = 16
"""A block holds a few letters, so that another smoothing of their edges does not change its mean."""
MOST_CHANGED: Final = 0.1
"""Share of the blocks with something in them that may differ: text moved by half a pixel changes half as many."""
LOOKS: Final = 20
LOOK_AGAIN_MS: Final = 150

_COMPARE: Final = """
async ([kept, now, block]) => {
  const read = async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    return image;
  };
  const images = [await read(kept), await read(now)];
  if (images[0].width !== images[1].width || images[0].height !== images[1].height) return 1;
  // Of each block the sum of every channel, how many pixels, the darkest and the lightest of them.
  const blocks = images.map((image) => {
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height).data;
    const across = Math.ceil(image.width / block);
    const found = Array.from({ length: across * Math.ceil(image.height / block) },
      () => ({ sum: [0, 0, 0], count: 0, darkest: 255, lightest: 0 }));
    for (let y = 0; y < image.height; y += 1) for (let x = 0; x < image.width; x += 1) {
      const one = found[Math.floor(y / block) * across + Math.floor(x / block)];
      const from = (y * image.width + x) * 4;
      for (let channel = 0; channel < 3; channel += 1) one.sum[channel] += pixels[from + channel];
      one.count += 1;
      one.darkest = Math.min(one.darkest, pixels[from + 1]);
      one.lightest = Math.max(one.lightest, pixels[from + 1]);
    }
    return found;
  });
  let changed = 0;
  let drawn = 0;
  blocks[0].forEach((one, index) => {
    const other = blocks[1][index];
    const differs = one.sum.some((sum, channel) => Math.abs(sum - other.sum[channel]) / one.count > 8);
    if (differs) changed += 1;
    if (differs || one.lightest - one.darkest > 16 || other.lightest - other.darkest > 16) drawn += 1;
  });
  return drawn === 0 ? 0 : changed / drawn;
}
"""

_LETTERS: Final = """
() => ["400", "650"].map((weight) => {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.font = `${weight} 100px system-ui, sans-serif`;
  return context.measureText("The quick brown fox jumps over 13 lazy dogs, WL-1001").width;
})
"""


async def changed_share(context: BrowserContext, kept: bytes, now: bytes) -> float:
    """Of the blocks that show more than one plain colour, the share that looks different; 1 where the sizes differ."""
    page = await context.new_page()
    try:
        pictures = [base64.b64encode(picture).decode() for picture in (kept, now)]
        return float(await page.evaluate(_COMPARE, [*pictures, BLOCK_PX]))
    finally:
        await page.close()


async def _settled(page: Page) -> bytes:
    """The picture once nothing on the page moves any more: the same one three times in a row."""
    pictures: list[bytes] = []
    for _ in range(LOOKS):
        pictures.append(await page.screenshot(animations="disabled", caret="hide"))
        if len(pictures) > 2 and len(set(pictures[-3:])) == 1:
            break
        await page.wait_for_timeout(LOOK_AGAIN_MS)
    return pictures[-1]


async def _same_letters(page: Page, folder: Path) -> None:
    """Skips where this machine's letters are of another width: lines break elsewhere, and nothing can be compared."""
    widths = [round(float(width), 1) for width in await page.evaluate(_LETTERS)]
    file = folder / "letters.json"
    if os.environ.get("SCREENS") == "1":
        file.write_text(json.dumps(widths) + "\n", encoding="utf-8")
    if widths != json.loads(file.read_text(encoding="utf-8")):
        pytest.skip(f"the pictures were kept with other fonts (widths {file.read_text().strip()}, here {widths})")


async def looks_as_kept(page: Page, name: str, folder: Path = SCREENS) -> None:
    """Takes the picture ``name`` and holds it against the kept one; ``SCREENS=1`` keeps the new one.

    How everything on it is styled is held against what was kept, too, on machines with other fonts as well.

    Raises:
        AssertionError: it is wider than its window, was never kept, or looks different; says where the new picture is.
    """
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}: too wide"
    await page.evaluate("document.fonts.ready")
    now = await _settled(page)
    await styled_as_kept(page, name)
    await _same_letters(page, folder)
    file = folder / f"{name}.png"
    if os.environ.get("SCREENS") == "1":
        file.write_bytes(now)
    assert file.exists(), f"{file} was never kept: SCREENS=1, look at it, commit it"
    share = await changed_share(page.context, file.read_bytes(), now)
    if share > MOST_CHANGED:
        new = PROJECT_ROOT / "var" / "looks" / f"{name}.png"
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(now)
    assert share <= MOST_CHANGED, f"{name}: {share:.0%} of it looks different. Look at {new}; SCREENS=1 keeps it."
