"""Why handoff, or the making of its database, cannot begin: one line that says what to mend."""

from __future__ import annotations

import errno
from typing import Final

from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError

from handoff.demo import DemoPeopleError
from handoff.desk_content import DeskContentError
from handoff.wording import WordingError
from warmline.policy import PolicyError
from warmline.settings import SettingsError

OF_FILES: Final = (SettingsError, PolicyError, WordingError, DeskContentError, DemoPeopleError)
OF_DATABASE: Final = (SQLAlchemyError, PostgresError, OSError)
CANNOT_BEGIN: Final = (*OF_FILES, *OF_DATABASE)


def explain(error: Exception) -> str:
    """What stands in the way, and its mend. Of a database's error the first line, which holds no address."""
    if isinstance(error, OF_FILES):
        named = isinstance(error, DeskContentError | DemoPeopleError)
        return f"{error}" + ("\n`warmline content check` names the lines" if named else "")
    said = str(error).partition("\n")[0] or type(error).__name__
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "disk is full" in said:
        return "the disk is full; free some space, then run the command again"
    return f"the database cannot be used: {said}; check WARMLINE_DATABASE_URL, or the rights of the folder"
