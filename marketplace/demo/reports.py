"""What a company reports in the demo world: a report that was restated, and one being reviewed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.companies.models import Company, CompanyMember
from marketplace.core.db import atomic, session
from marketplace.demo.world import World, read
from marketplace.questions import service as questions
from marketplace.questions.models import of_report
from marketplace.reports import service
from marketplace.reports.models import Report, Version
from marketplace.reports.rules import Part
from marketplace.reports.service.drafting import Written

COMPANY = "tessitura-arbosca"


@dataclass(frozen=True)
class Return:
    """Goods that came back: when they were sold, and where the book stood before."""

    sold_at: datetime
    taken_at: datetime
    before: int


_LATEST_RETURN = sa.text(
    """
    select sold.effective_at, taken.effective_at, taken.id - 1
    from refund
    join refund_line part on part.refund_id = refund.id
    join order_line line on line.id = part.line_id and line.company_id = :company
    join ledger_transaction sold on sold.subject_id = line.order_id and sold.kind = 'capture'
    join ledger_transaction taken on taken.effect_key = 'refund:' || refund.provider_id
    where sold.effective_at::date < taken.effective_at::date and sold.effective_at < :until
    order by taken.id desc limit 1
    """
)


def report(world: World) -> None:
    """Publish a report, restate it after goods came back, and begin the next one."""
    company = world.companies[COMPANY]
    signer, second = session.scalars(
        sa.select(User)
        .join(CompanyMember, CompanyMember.user_id == User.id)
        .where(CompanyMember.company_id == company.id)
        .order_by(CompanyMember.role.desc(), User.email)
        .limit(2)
    ).all()
    until = world.now - timedelta(days=45)
    long_ago = {"company": company.id, "until": until - timedelta(days=30)}
    found = session.execute(_LATEST_RETURN, long_ago).first()
    session.rollback()
    if found is None:
        return
    back = Return(*found)
    said = read()["report"]
    ends_on = back.sold_at.date()
    version = _begin(company, said["title"], world.began_at.date(), ends_on, world.now)
    _publish(
        version,
        (signer, second),
        said["parts"],
        (back.before, back.taken_at - timedelta(minutes=1)),
    )
    with atomic():
        again = service.restate(version=version, now=back.taken_at + timedelta(days=9))
    at = back.taken_at + timedelta(days=10)
    _publish(again, (signer, second), said["parts"], (_end_before(at), at), said["reason"])
    _talk(world, again.report_id, second, at)
    later = _begin(company, said["later"], ends_on + timedelta(days=1), until.date(), world.now)
    at = until + timedelta(days=6)
    _publish(later, (signer, second), said["parts"], (_end_before(at), at))
    rest = _begin(
        company,
        said["next"],
        until.date() + timedelta(days=1),
        world.now.date(),
        world.now,
    )
    _hand_in(rest, second, said["parts"], (_end_before(world.now), world.now), "")


def _talk(world: World, report_id: uuid.UUID, answerer: User, at: datetime) -> None:
    """Let readers ask; one question is answered by name, one waits."""
    found = sa.select(Report).where(Report.id == report_id).options(joinedload(Report.company))
    subject = of_report(session.scalars(found).one())
    for place, (asked, answered) in enumerate(read()["report"]["questions"]):
        asker = world.shoppers[place + 1][0]
        with atomic():
            question = questions.ask(
                subject=subject, body=asked, by=asker, now=at + timedelta(days=3 + place)
            )
            if answered:
                questions.answer(
                    question_id=question.id,
                    text=answered,
                    by=answerer,
                    role="weaving master",
                    now=at + timedelta(days=4 + place),
                )


def _end_before(at: datetime) -> int:
    """Return where the book ended at a moment of the year."""
    ended = session.scalar(
        sa.text("select max(id) from ledger_transaction where effective_at <= :at"), {"at": at}
    )
    session.rollback()
    return int(ended or 0)


def _begin(company: Company, title: str, starts_on: date, ends_on: date, now: datetime) -> Version:
    with atomic():
        return service.begin(
            company=company, title=title, starts_on=starts_on, ends_on=ends_on, now=now
        )


def _hand_in(
    version: Version,
    by: User,
    texts: Mapping[str, str],
    when: tuple[int, datetime],
    reason: str,
) -> None:
    last, now = when
    left_out = {Part.COUNTRIES} if version.number == 1 else set()
    with atomic():
        service.write(
            version_id=version.id,
            written=Written(
                revision=version.revision,
                title=version.title,
                countries=(),
                reason=reason,
                texts={Part(part): text for part, text in texts.items()},
                shown=frozenset(set(Part) - left_out),
            ),
        )
        service.submit(version_id=version.id, last_transaction_id=last, by=by, now=now)


def _publish(
    version: Version,
    people: tuple[User, User],
    texts: Mapping[str, str],
    when: tuple[int, datetime],
    reason: str = "",
) -> None:
    signer, second = people
    _hand_in(version, signer, texts, when, reason)
    with atomic():
        service.approve(version_id=version.id, by=second, now=when[1] + timedelta(hours=20))
        service.publish(version_id=version.id, by=signer, now=when[1] + timedelta(hours=22))
