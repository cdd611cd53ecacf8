"""Days on which the shop delivers and the bank pays: not at week-ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

SATURDAY: Final = 5


def working_days_after(start: date, days: int) -> date:
    """The day that lies ``days`` working days after ``start``; with 0 the next working day from ``start`` on."""
    current = start
    while current.weekday() >= SATURDAY:
        current += timedelta(days=1)
    for _ in range(days):
        current += timedelta(days=1)
        while current.weekday() >= SATURDAY:
            current += timedelta(days=1)
    return current


def months_after(start: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it is shorter."""
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=start.day - 1), first_of_next - timedelta(days=1))
