"""An update in the language in which somebody reads it, as `projects/_update.html` shows it."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from marketplace.core.i18n import LANGUAGES
from marketplace.projects.models import ProjectUpdate
from marketplace.volunteer_translations.policies import may_be_translated
from marketplace.volunteer_translations.queries import Shown


@dataclass(frozen=True)
class Reading:
    """An update as it is read: its own words, or those of a translation that says so."""

    title: str
    body_html: str
    """Cleaned by `core.rich_text` when it was written."""
    language: str
    """Of title and text."""
    languages: Sequence[str]
    """In which it can be read as far as was asked, the original's first."""
    into: str
    """The reader's language where it can be translated into that, or anew; else empty."""
    translation: Shown | None = None
    is_behind: bool = False
    """The original was corrected after what is translated."""
    taken_down: Shown | None = None
    """That there was a translation into the reader's language, where none stands any more."""
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What is said of photos, by their ids."""


def reading_of(update: ProjectUpdate, found: Collection[Shown], language: str) -> Reading:
    """Return an update in a language if there is a translation; of what is gone nothing is read."""
    all_of = [] if update.taken_back_at else [one for one in found if one.update_id == update.id]
    mine = [one for one in all_of if one.taken_down_at is None]
    in_it = [one for one in all_of if one.language == language != update.language]
    shown = next((one for one in in_it if one.taken_down_at is None), None)
    is_behind = shown is not None and shown.is_behind(update.corrected_at)
    is_wanted = (shown is None or is_behind) and may_be_translated(update, language, LANGUAGES)
    return Reading(
        title=shown.title if shown else update.title,
        body_html=shown.body_html if shown else update.body_html,
        language=shown.language if shown else update.language,
        languages=[update.language, *sorted(one.language for one in mine)],
        into=language if is_wanted else "",
        translation=shown,
        is_behind=is_behind,
        taken_down=next((one for one in in_it if one.taken_down_at is not None), None),
        pictures={one["photo"]: one for one in shown.pictures} if shown else {},
    )


def readings_of(
    updates: Iterable[ProjectUpdate], found: Collection[Shown], language: str
) -> dict[uuid.UUID, Reading]:
    """Return several updates in a language, by their ids."""
    return {one.id: reading_of(one, found, language) for one in updates}
