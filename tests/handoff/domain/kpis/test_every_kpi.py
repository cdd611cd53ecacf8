"""No KPI without its line in docs/kpis.md and without a case that was computed by hand (P30, P31)."""

from __future__ import annotations

import re
from pathlib import Path

from handoff.domain.kpis.registry import KPIS, Unit
from warmline.paths import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "kpis.md").read_text(encoding="utf-8")
LINES = {name: cells for name, *cells in re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", PAGE, re.MULTILINE)}


def test_every_kpi_has_its_numerator_and_denominator_on_the_page_and_the_page_names_no_other() -> None:
    assert LINES.keys() == KPIS.keys()
    for name, (numerator, denominator) in LINES.items():
        assert len(numerator.strip()) > 10, name
        assert denominator.strip(), name


def test_what_is_told_to_a_hundred_says_so_on_the_page() -> None:
    hundreds = {name for name, kpi in KPIS.items() if kpi.unit is Unit.PER_HUNDRED}
    assert {name for name, cells in LINES.items() if "for 100 of them" in " ".join(cells)} == hundreds


def test_every_kpi_was_computed_by_hand() -> None:
    by_hand = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_of_*.py"))
    assert {name for name in KPIS if f'"{name}"' not in by_hand} == set()
