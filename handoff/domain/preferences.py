"""How each member of staff wants to be told: by mail, at the desk, with a sound, and whether away means quiet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from handoff.domain.notifications import NotificationKind

USUAL_DESK: Final = True
USUAL_SOUND: Final = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose for one kind of notification; None: as usual."""

    mail: bool | None = None
    desk: bool | None = None
    sound: bool | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.mail, self.desk, self.sound))


@dataclass(frozen=True, slots=True)
class Ways:
    """How one notification reaches one person. Whatever they chose, it stands in the list behind their bell.

    ``unread``: it counts at the bell until they have read it. ``announced``: an open desk says it as it comes.
    """

    mail: bool
    unread: bool
    announced: bool
    sound: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """One person's choices. ``quiet_when_away``: no mail and no sound unless they are at the desk and take cases."""

    notices: Mapping[NotificationKind, Chosen] = field(default_factory=dict)
    quiet_when_away: bool = False

    def chosen(self, kind: NotificationKind) -> Chosen:
        """What was chosen for a kind."""
        return self.notices.get(kind, Chosen())

    def ways(self, kind: NotificationKind, *, usually_by_mail: bool, present: bool) -> Ways:
        """How this person is told of a kind now; ``present``: they are at the desk and take cases."""
        chosen = self.chosen(kind)
        desk = USUAL_DESK if chosen.desk is None else chosen.desk
        told = Ways(
            mail=usually_by_mail if chosen.mail is None else chosen.mail,
            unread=desk,
            announced=desk,
            sound=desk and (USUAL_SOUND if chosen.sound is None else chosen.sound),
        )
        if self.quiet_when_away and not present:
            return replace(told, mail=False, announced=False, sound=False)
        return told

    def changed(self, notices: Mapping[NotificationKind, Chosen | None], quiet_when_away: bool | None) -> Preferences:
        """With these kinds chosen anew, None: as usual again; what is not named stays."""
        kept = {**self.notices, **notices}
        quiet = self.quiet_when_away if quiet_when_away is None else quiet_when_away
        return Preferences({kind: chosen for kind, chosen in kept.items() if chosen}, quiet)
