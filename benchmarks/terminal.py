"""Tables on the terminal, alike in every benchmark."""

from __future__ import annotations

from rich.table import Table


def figure_table(title: str, *columns: str, words: int = 1) -> Table:
    """A table whose first ``words`` columns are words and the rest figures, which never wrap."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < words else "right", no_wrap=number >= words)
    return table
