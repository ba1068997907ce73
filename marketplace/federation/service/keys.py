"""Key pairs are made when somebody first asks for one."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.federation import queries
from marketplace.federation.models import FederationKey
from marketplace.federation.rules import keys


@dataclass(frozen=True)
class Pair:
    """A key pair; its private half is never written out."""

    public_pem: str
    private: RSAPrivateKey = field(repr=False)


def key_of(project_id: uuid.UUID | None, *, secret: str, now: datetime) -> Pair:
    """Return the key pair of a project, or of the whole site; it is made if there is none.

    One that the secret does not open, because that is another one by now, is made anew: others ask
    for the new public half when a signature does not fit.
    """
    about = str(project_id or "site")
    row = queries.find_key(project_id)
    if row is not None:
        private = keys.unseal(row.sealed, secret=secret, about=about)
        if private is not None:
            return Pair(row.public_pem, private)
        session.delete(row)
        session.flush()
    made, public_pem = keys.make_pair()
    added = session.execute(
        postgresql.insert(FederationKey)
        .values(
            id=new_id(),
            project_id=project_id,
            public_pem=public_pem,
            sealed=keys.seal(made, secret=secret, about=about),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(FederationKey.id)
    )
    if added.first() is None:  # somebody else was faster
        return key_of(project_id, secret=secret, now=now)
    return Pair(public_pem, made)
