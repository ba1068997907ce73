"""Letters about what people follow: at once, or one a day with all of it."""

import uuid
from datetime import date, datetime

from flask import current_app
from flask_babel import force_locale

from marketplace.core import clock, jobs, mail
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.following import queries, service
from marketplace.following.rules import (
    DIGEST_AT,
    EVERYTHING,
    MOST_IN_LETTER,
    digest_until,
    stop_token,
)
from marketplace.following.service import Told, put_in_words

AT_ONCE = 200


@task("tell_news")
def tell_news(*, news_id: str, after: str | None) -> None:
    """Enqueue one letter for each follower who wants it at once, two hundred at a time."""
    with atomic():
        last = uuid.UUID(after) if after else None
        followers = queries.list_to_tell(uuid.UUID(news_id), after=last, limit=AT_ONCE)
        for follower in followers:
            jobs.enqueue(
                "news_mail",
                lock=f"news-{news_id}-{follower}",
                news_id=news_id,
                user_id=str(follower),
            )
        if len(followers) == AT_ONCE:
            jobs.enqueue("tell_news", news_id=news_id, after=str(followers[-1]))


@task("news_mail")
def news_mail(*, news_id: str, user_id: str) -> None:
    """Write to one follower, unless they stopped following meanwhile or have read of it."""
    news, user = uuid.UUID(news_id), uuid.UUID(user_id)
    reason, person = queries.find_reason(news, user), queries.find_person(user)
    stories = queries.list_stories([news], user)
    session.rollback()
    if reason is None or person is None or not stories:
        return
    with atomic():
        if not service.begin_letter(news_id=news, user_id=user):
            return
    with force_locale(person.locale):
        told = put_in_words(stories[0], person.locale)
    mail.send(
        to=person.email,
        kind="news",
        locale=person.locale,
        key=f"news-{news}-{user}",
        person=person,
        told=told,
        reason=reason,
        base=public_url(language=person.locale),
        stop_link=stop_link(user, reason.kind, reason.thing_id, person.locale),
    )
    with atomic():
        service.end_letter(news_id=news, user_id=user, now=clock.now())


def stop_link(user_id: uuid.UUID, what: str, which: uuid.UUID | None, locale: str) -> str:
    """Return where letters of a kind, or about something, are stopped without signing in."""
    secret = current_app.config["SECRET_KEY"]
    token = stop_token(secret, user_id=user_id, what=what, which=which)
    return public_url(f"/unfollow/{token}", locale)


def optional(kind: str, user_id: uuid.UUID, locale: str) -> str | None:
    """Return where letters of a kind that one can choose are stopped; None if they are refused."""
    if not queries.is_wanted(user_id, kind):
        return None
    return stop_link(user_id, kind, None, locale)


@task("make_digests", every="7 * * * *")
def make_digests() -> None:
    """Have the letters of this day written, from the morning on; those that were are not again."""
    now = clock.now()
    until, after = digest_until(now), None
    while until is not None:
        with atomic():
            people = queries.list_due(now.date(), until, after=after, limit=AT_ONCE)
            for person in people:
                jobs.enqueue(
                    "digest_mail",
                    lock=f"digest-{person}",
                    user_id=str(person),
                    day=now.date().isoformat(),
                )
        if len(people) < AT_ONCE:
            return
        after = people[-1]


@task("digest_mail")
def digest_mail(*, user_id: str, day: str) -> None:
    """Write the one letter of a day to somebody; however often it is tried, it is that letter."""
    user, on_day, now = uuid.UUID(user_id), date.fromisoformat(day), clock.now()
    until = datetime.combine(on_day, DIGEST_AT, tzinfo=now.tzinfo)
    with atomic():
        found = service.begin_digest(user_id=user, day=on_day, until=until, now=now)
    if not found:
        return
    person, is_wanted = queries.find_person(user), queries.gets_digests(user)
    stories = queries.list_stories(found, user)
    session.rollback()
    if person is not None and is_wanted and stories:
        with force_locale(person.locale):
            told = [put_in_words(one, person.locale) for one in stories[:MOST_IN_LETTER]]
        mail.send(
            to=person.email,
            kind="digest",
            locale=person.locale,
            key=f"digest-{on_day:%Y%m%d}-{user}",
            person=person,
            groups=_by_what(told),
            told=told,
            more=len(stories) - len(told),
            day=on_day,
            base=public_url(language=person.locale),
            stop_link=stop_link(user, EVERYTHING, None, person.locale),
        )
    with atomic():
        service.end_digest(user_id=user, day=on_day, now=clock.now())


def _by_what(told: list[Told]) -> dict[tuple[str, str], list[Told]]:
    """Return what was told by project, company or team (its name and path), the newest first."""
    groups: dict[tuple[str, str], list[Told]] = {}
    for one in told:
        groups.setdefault((one.about, one.about_path), []).append(one)
    return groups


@task("forget_letters", every="47 3 * * *")
def forget_letters() -> None:
    """Forget what was written to whom long ago."""
    with atomic():
        service.forget_letters(now=clock.now())
