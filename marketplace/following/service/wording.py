"""News in words: one way for the page, the letters and the feeds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from textwrap import shorten

from markupsafe import Markup

from marketplace.core.days import long_day
from marketplace.core.i18n import _, ngettext, pgettext
from marketplace.core.money import format_minor
from marketplace.core.rich_text import render_markdown
from marketplace.following.queries.news import Story
from marketplace.following.rules import NewsKind, person_slug
from marketplace.following.rules.pictures import letter_width, shown_size

LONGEST_EXCERPT = 700


@dataclass(frozen=True)
class Words:
    """What is said of a story; `end` is the end of its address."""

    label: str
    title: str
    html: str
    text: str
    end: str


@dataclass(frozen=True)
class Told:
    """Something that was told, in words of the language in use; addresses without the language."""

    story: Story
    label: str
    """What kind of thing it is."""
    title: str
    html: Markup
    """Harmless: cleaned by `core.rich_text`, or escaped here."""
    text: str
    """The same for letters that are only text."""
    path: str
    about: str
    """Of which project, company or team."""
    about_path: str
    by: str
    by_path: str
    photo: str
    """The address of its picture, or nothing."""
    photo_alt: str
    letter_photo: str
    """The address of the same for letters, one for every reader, or nothing."""

    @property
    def at(self) -> datetime:
        """Return when it was told."""
        return self.story.at

    @property
    def is_short(self) -> bool:
        """Say whether a letter of many things shows all of it."""
        return len(self.text) <= LONGEST_EXCERPT

    @property
    def excerpt(self) -> str:
        """Return its beginning as plain text."""
        return self.text if self.is_short else shorten(self.text, LONGEST_EXCERPT, placeholder=" …")

    def letter_size(self, longest: int) -> tuple[int, int]:
        """Return width and height of its picture in a letter, neither longer than `longest`."""
        width, height = self.story.photo_size or [longest, longest]
        return shown_size(width, height, longest)


def put_in_words(story: Story, language: str) -> Told:
    """Return a story in the language in use; `language` is its code, for numbers."""
    if story.project_slug is not None:
        about, home = story.project or "", f"/projects/{story.project_slug}"
    elif story.team_slug is not None:
        about, home = story.team or "", f"/teams/{story.team_slug}"
    else:
        about, home = story.company or "", f"/companies/{story.company_slug}"
    said = _WRITERS[story.kind](story, language)
    by_path = ""
    if story.person and story.person_id:
        by_path = f"/people/{person_slug(story.person, story.person_id)}"
    return Told(
        story=story,
        label=said.label,
        title=said.title,
        html=Markup(said.html),  # noqa: S704  # cleaned when it was written, or escaped here
        text=said.text,
        path=f"{home}{said.end}",
        about=about,
        about_path=home,
        by=story.person or "",
        by_path=by_path,
        photo=_photo(story),
        photo_alt=story.photo_alt or "",
        letter_photo=_letter_photo(story),
    )


def _photo(story: Story) -> str:
    if not story.photo_key or not story.photo_widths:
        return ""
    wide = next((width for width in story.photo_widths if width >= 600), story.photo_widths[-1])
    return f"/media/{story.photo_key}-{wide}.webp"


def _letter_photo(story: Story) -> str:
    if story.is_gone or not story.photo_key or not story.photo_widths:
        return ""
    return f"/media/{story.photo_key}-{letter_width(story.photo_widths)}.jpg"


def _plain(text: str) -> str:
    """Return plain text as HTML, paragraph by paragraph."""
    parts = (part.strip() for part in text.split("\n\n"))
    return str(Markup("").join(Markup("<p>{}</p>").format(part) for part in parts if part))


def _update(story: Story, _language: str) -> Words:
    label, end = pgettext("news", "Update"), f"/updates/{story.place}"
    if story.is_gone:
        gone = _("It was taken back.")
        return Words(label, story.title, _plain(gone), gone, end)
    return Words(label, story.title, story.html, story.text, end)


def _correction(story: Story, _language: str) -> Words:
    label = _("Taken back") if story.is_gone else _("Correction")
    why = _("Why: %(reason)s", reason=story.note)
    text = f"{why}\n\n{story.text}".strip()
    return Words(label, story.title, _plain(why) + story.html, text, f"/updates/{story.place}")


def _outcome(story: Story, language: str) -> Words:
    if story.is_gone:
        label, title = _("Outcome"), _("Withdrawn: %(what)s", what=story.title)
    else:
        label = _("Outcome corrected") if story.is_again else _("Outcome")
        value = _number(story.amount or Decimal(0), language)
        title = _("%(what)s: %(value)s %(unit)s", what=story.title, value=value, unit=story.unit)
    return Words(label, title, _plain(story.text), story.text, "/outcomes")


def _spending(story: Story, language: str) -> Words:
    amount = format_minor(int(story.amount or 0), story.currency, language)
    title = ngettext(
        "A receipt of %(amount)s", "%(num)d receipts of %(amount)s together", story.count,
        amount=amount,
    )  # fmt: skip
    return Words(_("Spent"), title, _plain(story.text), story.text, "/spending")


def _report(story: Story, _language: str) -> Words:
    end = f"/reports/{story.place}"
    if story.is_again:
        why = _("Why: %(reason)s", reason=story.note)
        title = _("Report restated: %(title)s", title=story.title)
        return Words(_("Report restated"), title, _plain(why), why, end)
    title = _("Report: %(title)s", title=story.title)
    return Words(_("Report"), title, str(render_markdown(story.text)), story.text, end)


def _answer(story: Story, _language: str) -> Words:
    asked = Markup("<blockquote><p>{}</p></blockquote>").format(story.note)
    title = _("An answer about: %(title)s", title=story.title)
    text = "\n\n".join(["> " + " ".join(story.note.split()), story.text])
    end = f"/reports/{story.place}#questions" if story.place else "#questions"
    return Words(_("Answer"), title, str(asked) + _plain(story.text), text, end)


def _pledge(story: Story, language: str) -> Words:
    before = promise_in_words(story.before_bp, story.before_unit_minor, story.currency, language)
    after = promise_in_words(story.after_bp, story.after_unit_minor, story.currency, language)
    title = _("Gives %(after)s instead of %(before)s", after=after, before=before)
    what = _("It holds for all products that have no promise of their own.")
    if story.title:
        what = _("It holds for this product: %(title)s", title=story.title)
    text = f"{what}\n\n{_('Orders that were placed before keep what was promised then.')}"
    return Words(_("Another promise"), title, _plain(text), text, "/promises")


def _challenge(story: Story, language: str) -> Words:
    title, goal = _("Set out: %(title)s", title=story.title), _goal(story, language)
    text = _("Until %(day)s: %(goal)s.", day=_day(story, language), goal=goal)
    return Words(_("Challenge"), title, _plain(text), text, "#challenges")


def _reached(story: Story, language: str) -> Words:
    title = _("Reached: %(title)s", title=story.title)
    text = _(
        "The team set out for this: %(goal)s. What is returned later is taken off on its page.",
        goal=_goal(story, language),
    )
    return Words(_("Challenge"), title, _plain(text), text, "#challenges")


def _not_reached(story: Story, language: str) -> Words:
    title = _("Not reached: %(title)s", title=story.title)
    text = _(
        "The team set out for this until %(day)s: %(goal)s. How far it came stands on its page.",
        day=_day(story, language),
        goal=_goal(story, language),
    )
    return Words(_("Challenge"), title, _plain(text), text, "#challenges")


def _goal(story: Story, language: str) -> str:
    """Return in words how much a challenge wants, as `community.rules.Counts` counts."""
    goal = int(story.amount or 0)
    if story.unit == "pledge":
        return format_minor(goal, story.currency, language)
    if story.unit == "projects":
        return ngettext("%(num)d project", "%(num)d projects", goal)
    return ngettext("%(num)d person", "%(num)d people", goal)


def _day(story: Story, language: str) -> str:
    return long_day(story.until, language) if story.until else ""


def _captain(story: Story, _language: str) -> Words:
    """Say who leads a team, if they want to stand there by name."""
    title = _("The team has a new captain")
    text = _("%(name)s leads it now.", name=story.title) if story.title else ""
    return Words(_("Captain"), title, _plain(text), text, "")


def promise_in_words(
    share_bp: int | None, unit_minor: int | None, currency: str, language: str
) -> str:
    """Return a promise in few words: 8% of the price, or €2.00 per item."""
    if unit_minor is not None:
        return _("%(amount)s per item", amount=format_minor(unit_minor, currency, language))
    if share_bp is None:
        return _("what the company gives of everything")
    share = f"{share_bp / 100:g}"
    share = share if language == "en" else share.replace(".", ",")
    return _("%(share)s%% of the price", share=share)


def _number(value: Decimal, language: str) -> str:
    text = f"{value.normalize():f}"
    return text if language == "en" else text.replace(".", ",")


_WRITERS: dict[NewsKind, Callable[[Story, str], Words]] = {
    NewsKind.UPDATE: _update,
    NewsKind.CORRECTION: _correction,
    NewsKind.OUTCOME: _outcome,
    NewsKind.SPENDING: _spending,
    NewsKind.REPORT: _report,
    NewsKind.ANSWER: _answer,
    NewsKind.PLEDGE: _pledge,
    NewsKind.CHALLENGE: _challenge,
    NewsKind.REACHED: _reached,
    NewsKind.NOT_REACHED: _not_reached,
    NewsKind.CAPTAIN: _captain,
}
