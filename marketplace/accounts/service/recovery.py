"""Recovery codes: what lets somebody in once each when their phone is lost."""

import secrets
import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import queries
from marketplace.accounts.models import RecoveryCode, User
from marketplace.accounts.rules import (
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    RECOVERY_SIGNS,
    hash_recovery_code,
    read_recovery_code,
    write_recovery_code,
)
from marketplace.core import jobs
from marketplace.core.db import session


def issue_codes(*, user_id: uuid.UUID, now: datetime) -> list[str]:
    """Return new codes, which are kept nowhere; those from before do not work any more."""
    forget_codes(user_id=user_id)
    codes = [
        "".join(secrets.choice(RECOVERY_SIGNS) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    session.execute(
        sa.insert(RecoveryCode),
        [
            {
                "user_id": user_id,
                "code_hash": hash_recovery_code(user_id, code),
                "created_at": now,
            }
            for code in codes
        ],
    )
    return [write_recovery_code(code) for code in codes]


def forget_codes(*, user_id: uuid.UUID) -> None:
    """Let no recovery code of somebody work any more."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def use_code(*, user: User, text: str, now: datetime) -> bool:
    """Use up a recovery code and have its owner told; say whether it was one of theirs, unused."""
    code = read_recovery_code(text)
    if code is None:
        return False
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == hash_recovery_code(user.id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.user_id)
    ).first()
    if used is None:
        return False
    jobs.enqueue(
        "recovery_code_mail",
        user_id=str(user.id),
        left=queries.count_recovery_codes(user.id),
        asked_at=now.isoformat(),
    )
    return True


def are_own_codes(*, user_id: uuid.UUID, codes: list[str]) -> bool:
    """Say whether these are all somebody's recovery codes: nothing else is written to a file."""
    read = [read_recovery_code(code) for code in codes]
    hashes = {hash_recovery_code(user_id, code) for code in read if code is not None}
    return len(codes) == RECOVERY_CODES and hashes == queries.list_recovery_hashes(user_id)
