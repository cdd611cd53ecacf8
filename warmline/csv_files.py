"""CSV files that people bring along: read with clear complaints, written whole or not at all."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warmline.errors import CommandError, ExitCode

LONGEST_FIELD: Final = 1_000_000


@dataclass(frozen=True)
class Row:
    """One row: the line of the file (from 1) on which it begins, and its fields."""

    line: int
    fields: tuple[str, ...]


def read_columns(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The named columns of every row, in the file's order; see :func:`read_rows`.

    Raises:
        CommandError: the file is not fit for this.
    """
    return [row.fields for row in read_rows(path, columns)]


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """The named columns of every row, in the file's order; other columns are left out, capitals in names let pass.

    UTF-8, with or without a byte order mark; texts may hold commas, quotes and line breaks in quotes, as RFC 4180 has
    it. Blank lines are passed over.

    Raises:
        CommandError: the file is missing, is no UTF-8, lacks a column, has one twice, or has a row that does not fit.
    """
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path, file, columns)
    except FileNotFoundError as error:
        raise _refused(f"{path} does not exist", "check the path") from error
    except (IsADirectoryError, PermissionError) as error:
        raise _refused(f"{path} cannot be read: {error.strerror}", "name a CSV file that you may read") from error
    except UnicodeDecodeError as error:
        what = f"{path} is not UTF-8 ({error.reason} at byte {error.start})"
        raise _refused(what, "save it as UTF-8: in Excel, `Save as`, then the type `CSV UTF-8`") from error


def ensure_writable(path: Path) -> None:
    """Make sure, before long work, that its result can be written.

    Raises:
        CommandError: ``path`` is a folder, or no file can be made beside it.
    """
    if path.is_dir():
        raise _not_written(path, "it is a folder")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _not_written(path, str(error.strerror)) from error


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes the file beside its place and moves it there when it is whole.

    Raises:
        CommandError: it cannot be written.
    """
    draft = ""
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
        Path(draft).chmod(0o666 & ~_umask())
        Path(draft).replace(path)
    except OSError as error:
        if draft:
            Path(draft).unlink(missing_ok=True)
        raise _not_written(path, str(error.strerror)) from error


def _read(path: Path, lines: Iterator[str], columns: Sequence[str]) -> list[Row]:
    reader = csv.reader(lines, strict=True)
    rows: list[Row] = []
    places: list[int] | None = None
    width = 0
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if "field limit" in str(error):
                what = f"{path}, line {line}: a text has more than {LONGEST_FIELD:,} characters"
                raise _refused(what, "shorten it; or close the quotes, if one was left open") from error
            raise _refused(f"{path}, line {line}: {error}", "put texts with quotes or commas in quotes") from error
        if not record:
            continue
        if places is None:
            places, width = _places(path, record, columns), len(record)
        elif len(record) != width:
            raise _refused(
                f"{path}, line {line}: {len(record)} fields where the header has {width}",
                "put texts with commas in quotes",
            )
        else:
            rows.append(Row(line, tuple(record[place] for place in places)))
    if places is None:
        raise _refused(f"{path} is empty", f"its first line must name the columns: {','.join(columns)}")
    return rows


def _places(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    names = [name.strip().lower() for name in header]
    for mark, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            mend = "save it with commas, or replace them there (a text with commas in it needs quotes then)"
            raise _refused(f"the columns of {path} are parted by {called}, not by commas", mend)
    for column in columns:
        if names.count(column) != 1:
            what = "has no column" if column not in names else "has more than one column"
            raise _refused(
                f"{path} {what} {column!r}; its first line is {','.join(header)!r}",
                f"name the columns in the first line, parted by commas: {','.join(columns)}",
            )
    return [names.index(column) for column in columns]


def _not_written(path: Path, why: str) -> CommandError:
    return CommandError(f"{path} cannot be written: {why}", "name a file in a folder that exists and is yours to write")


def _refused(what: str, mend: str) -> CommandError:
    return CommandError(what, mend, ExitCode.USAGE)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
