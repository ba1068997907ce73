"""What owners declare and hand in, and what operators make of it."""

from datetime import datetime
from typing import IO

from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.media import service as media
from marketplace.people import queries as people
from marketplace.people.queries import Team
from marketplace.verification import queries, rules
from marketplace.verification.models import AskedPaper, Backing
from marketplace.verification.rules import BackedBy, PaperKind, PaperState
from marketplace.verification.service.recording import record


def declare(
    *,
    team: Team,
    kind: BackedBy,
    register_entry: str,
    host: str,
    consents: bool,
    by: User,
    now: datetime,
) -> Backing:
    """Write down what stands behind a project or company, and that its owner agrees to be listed.

    The papers of that kind are asked for; those that nobody needs any more and nobody gave are not.

    :raises Invalid: no such thing can be it; a group without its host, or a host without a group.
    """
    if kind not in rules.OFFERED[team.kind]:
        raise Invalid(fields={"kind": _l("Choose one of what is offered.")})
    if (kind is BackedBy.HOSTED_GROUP) != bool(host):
        message = _l("Name the organisation that holds the money; only such a group has one.")
        raise Invalid(fields={"host": message})
    people.lock_team(team)
    backing = queries.find_backing(team)
    if backing is None:
        backing = Backing(id=new_id(), **{f"{team.kind}_id": team.id})
    backing.kind, backing.register_entry, backing.host = kind, register_entry, host
    backing.changed_by_id, backing.changed_at = by.id, now
    session.add(backing)
    if consents and backing.consent_at is None:
        backing.consent_by_id, backing.consent_at = by.id, now
    elif not consents:
        backing.consent_by_id = backing.consent_at = None
    session.flush()
    _ask_papers(team, kind, now)
    return backing


def _ask_papers(team: Team, kind: BackedBy, now: datetime) -> None:
    wanted = rules.PAPERS[kind]
    known = {paper.kind: paper for paper in queries.list_papers(team)}
    for paper in known.values():
        is_needed = paper.kind in wanted or paper.kind is PaperKind.OTHER
        if not is_needed and paper.state is PaperState.ASKED:
            session.delete(paper)
    for missing in wanted:
        if missing not in known:
            _ask(team, missing, "", now)
    session.flush()


def _ask(team: Team, kind: PaperKind, what: str, now: datetime) -> None:
    session.add(
        AskedPaper(
            id=new_id(),
            **{f"{team.kind}_id": team.id},
            kind=kind,
            what=what,
            state=PaperState.ASKED,
            asked_at=now,
            reason="",
        )
    )


def ask_for(*, team: Team, what: str, operator: User, now: datetime) -> None:
    """Ask a project or company for another paper, said in words.

    :raises Invalid: nothing is said.
    """
    if not what:
        raise Invalid(fields={"what": _l("Say which paper you want to see.")})
    _ask(team, PaperKind.OTHER, what, now)
    record(team.kind, team.id, operator, "ask_paper", what, now)
    session.flush()


def give(*, paper: AskedPaper, upload: IO[bytes], by: User, now: datetime) -> None:
    """Hand in a paper, or another instead of the one before; only owners and operators read it.

    :raises Conflict: it was accepted already.
    :raises Invalid: it is no PDF and no picture.
    """
    if paper.state is PaperState.ACCEPTED:
        raise Conflict(_l("This paper was accepted already."))
    before = paper.document
    paper.document_id = media.store_private(upload=upload, user_id=by.id, now=now).id
    paper.state, paper.given_by_id, paper.given_at = PaperState.GIVEN, by.id, now
    paper.decided_by_id = paper.decided_at = paper.file_deleted_at = None
    paper.reason = ""
    session.flush()
    if before is not None:
        media.forget(before)


def take_back(*, paper: AskedPaper) -> None:
    """Take a paper away that was not accepted; it is asked for again.

    :raises Conflict: it was accepted, or nothing was given.
    """
    document = paper.document
    if paper.state is PaperState.ACCEPTED or document is None:
        raise Conflict(_l("Only a paper that was not accepted can be taken back."))
    paper.state, paper.document_id, paper.reason = PaperState.ASKED, None, ""
    paper.given_by_id = paper.given_at = paper.decided_by_id = paper.decided_at = None
    session.flush()
    media.forget(document)


def judge(*, paper: AskedPaper, accepts: bool, reason: str, operator: User, now: datetime) -> None:
    """Accept a paper, or refuse it with a reason that its owners read; they get a letter.

    :raises Conflict: nothing was given, or its file is gone.
    :raises Invalid: refused without a reason.
    """
    if paper.state is PaperState.ASKED:
        raise Conflict(_l("This paper was not given yet."))
    if paper.document_id is None:
        raise Conflict(_l("The file of this paper was deleted. Ask for it again."))
    if not accepts and not reason:
        raise Invalid(fields={"reason": _l("Say why it is refused: its owners read it.")})
    paper.state = PaperState.ACCEPTED if accepts else PaperState.REFUSED
    paper.reason = "" if accepts else reason
    paper.decided_by_id, paper.decided_at = operator.id, now
    what = "accept_paper" if accepts else "refuse_paper"
    team = queries.get_team_of(paper)
    record(team.kind, team.id, operator, what, reason or paper.kind.value, now)
    if not accepts:
        jobs.enqueue("paper_refused_mail", paper_id=str(paper.id), at=now.isoformat())
    session.flush()


def delete_old(*, now: datetime) -> int:
    """Delete files that were kept for as long as they may be, some at a time; return how many.

    Which paper it was, when it came and what was decided stays. The file itself is taken away by
    the next sweep (`media.service.sweep_orphans`), within a day.
    """
    papers = queries.lock_outlived(now)
    for paper in papers:
        document, team = paper.document, queries.get_team_of(paper)
        paper.document_id, paper.file_deleted_at = None, now
        record(team.kind, team.id, None, "delete_paper", paper.kind.value, now)
        session.flush()
        if document is not None:
            media.forget(document)
    return len(papers)
