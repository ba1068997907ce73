"""Personal addresses, and letters that become drafts; never more: senders can be forged."""

import uuid
from datetime import datetime
from io import BytesIO

from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import DomainError, Forbidden, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.drafts import queries
from marketplace.drafts.models import LetterState, ReceivedLetter, UpdateDraft, WritingAddress
from marketplace.drafts.rules.addresses import RENEWED_BEFORE, VALID_FOR
from marketplace.drafts.rules.letters import File, Head, Letter, NotReadable, read_letter
from marketplace.drafts.service.writing import Said, add_paper, add_photo, keep
from marketplace.projects import queries as projects

LETTERS_A_DAY = 20
DAY_SECONDS = 86_400


class NotTaken(Forbidden):
    """A letter of somebody else than the owner of the address, or of a program."""

    message = _l("This address takes letters of its owner only.")


def address_for(*, project_id: uuid.UUID, user_id: uuid.UUID, now: datetime) -> WritingAddress:
    """Return the address at which somebody writes for a project, valid for half a year at least."""
    found = queries.find_address(project_id, user_id)
    if found is None:
        session.execute(
            postgresql.insert(WritingAddress)
            .values(
                id=new_id(),
                project_id=project_id,
                user_id=user_id,
                created_at=now,
                expires_at=now + VALID_FOR,
            )
            .on_conflict_do_nothing()
        )
        found = queries.find_address(project_id, user_id)
        assert found is not None  # nosec B101 # somebody else just made it, or we did
    elif found.expires_at < now + RENEWED_BEFORE:
        found.expires_at = now + VALID_FOR
        session.flush()
    return found


def renew_address(*, project_id: uuid.UUID, user_id: uuid.UUID, now: datetime) -> WritingAddress:
    """Let the address that somebody has be no more, and make another."""
    found = queries.find_address(project_id, user_id)
    if found is not None:
        found.revoked_at = now
        session.flush()
    return address_for(project_id=project_id, user_id=user_id, now=now)


def receive(*, address_id: uuid.UUID, head: Head, raw: bytes, now: datetime) -> bool:
    """Keep a letter that is its owner's, to be read by a job; say whether it is a new one.

    :raises NotTaken: somebody else sent it, or a program did: it is not answered.
    :raises TooMany: too many came today.
    """
    address = queries.find_address_by_id(address_id)
    if address is None or head.is_automatic or head.sender != address.user.email:
        raise NotTaken
    if not address.user.is_active:
        raise NotTaken
    letter_id = session.scalar(
        postgresql.insert(ReceivedLetter)
        .values(
            id=new_id(),
            address_id=address.id,
            fingerprint=head.fingerprint,
            state=LetterState.WAITING,
            raw=raw,
            received_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ReceivedLetter.id)
    )
    if letter_id is None:
        return False
    accounts.allow(
        key=f"letter|{address.user_id}", limit=LETTERS_A_DAY, window_seconds=DAY_SECONDS, now=now
    )
    jobs.enqueue("read_letter", lock=f"letter-{letter_id}", letter_id=str(letter_id))
    return True


def read(*, letter: ReceivedLetter, now: datetime) -> None:
    """Make a draft of a letter and tell its owner, or tell them why not. What it says goes."""
    try:
        _check(letter.address, now)
        said = read_letter(letter.raw or b"")
        if not said.text and not said.files:
            raise NotReadable(_l("We found no words of yours and no photos in the letter."))
        draft, left_out = _draft(letter.address, said, now)
    except DomainError as error:
        letter.raw, letter.state = None, LetterState.REFUSED
        session.flush()
        jobs.enqueue("letter_refused_mail", letter_id=str(letter.id), reason=_reason(error))
        return
    letter.raw, letter.state, letter.draft_id = None, LetterState.DRAFTED, draft.id
    session.flush()
    jobs.enqueue("letter_drafted_mail", letter_id=str(letter.id), left_out=left_out)


def _reason(error: DomainError) -> str:
    """Return the sentence, in English: nobody is there yet who reads another language."""
    first = next(iter(error.fields.values()), None) if isinstance(error, Invalid) else None
    return str(first or error.message)


def _check(address: WritingAddress, now: datetime) -> None:
    """Refuse what came to an address that is not in use any more.

    :raises NotReadable: it is not, or its owner does not answer for the project any more.
    """
    if address.revoked_at is not None or address.expires_at <= now:
        raise NotReadable(
            _l("This address is not in use any more. The page “By e-mail” names your new one.")
        )
    if projects.find_membership(address.project_id, address.user_id) is None:
        raise NotReadable(_l("You do not answer for this project any more."))


def _draft(address: WritingAddress, said: Letter, now: datetime) -> tuple[UpdateDraft, list[str]]:
    """Return a draft of what a letter says, and the names of what was left out."""
    draft = keep(
        project=address.project,
        by=address.user,
        said=Said(title=said.title, body=said.text, language=address.user.locale),
        is_by_mail=True,
        now=now,
    )
    left_out = list(said.left_out)
    for file in said.files:
        try:
            _attach(draft, file, address.user_id, now)
        except DomainError:
            left_out.append(file.name or "?")
    return draft, left_out[:20]


def _attach(draft: UpdateDraft, file: File, user_id: uuid.UUID, now: datetime) -> None:
    upload = BytesIO(file.data)
    if file.is_paper:
        title = file.name.removesuffix(".pdf")
        add_paper(draft=draft, upload=upload, title=title, user_id=user_id, now=now)
    else:
        add_photo(draft=draft, upload=upload, alt="", user_id=user_id, now=now)
