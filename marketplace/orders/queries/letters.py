"""What the letter about a paid order says, in one statement."""

import uuid
from typing import NamedTuple

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.ledger.rules import Source
from marketplace.orders.rules import Gift, Given, given_of


class LetterLine(NamedTuple):
    """What was bought, and what of it is given, in words."""

    title: str
    variant_title: str
    quantity: int
    gross_minor: int
    sentence: str


class LetterParcel(NamedTuple):
    """What a company's parcel costs."""

    company: str
    shipping_minor: int


class ReceiptLetter(NamedTuple):
    """An order as its receipt tells it by letter."""

    id: uuid.UUID
    customer_id: uuid.UUID | None
    number: str
    token: str
    email: str
    name: str
    locale: str
    disclosure: str
    currency: str
    share_minor: int
    top_up_minor: int
    vat_minor: int
    total_minor: int
    lines: list[LetterLine]
    parcels: list[LetterParcel]
    given: Given


_LETTER = sa.text(
    """
    select id, customer_id, number, token, email, name, locale, disclosure,
           currency, share_minor, top_up_minor, vat_minor, total_minor, (
        select json_agg(json_build_array(title, variant_title, quantity, gross_minor, sentence)
                        order by position)
        from order_line where order_id = :order
    ), (
        select json_agg(json_build_array(part.company_id, company.name, part.shipping_minor)
                        order by part.position)
        from company_order part join company on company.id = part.company_id
        where part.order_id = :order
    ), (
        select json_agg(json_build_array(project.id, project.slug, project.title, gift.source,
                                         gift.company_id, gift.amount_minor)
                        order by gift.position)
        from allocation gift join project on project.id = gift.project_id
        where gift.order_id = :order
    )
    from customer_order where id = :order
    """
).columns(*(sa.column(name) for name in ReceiptLetter._fields))


def get_receipt_letter(order_id: uuid.UUID) -> ReceiptLetter:
    """Return what the receipt's letter says of an order.

    :raises NotFound: no such order.
    """
    row = session.execute(_LETTER, {"order": order_id}).one_or_none()
    if row is None:
        raise NotFound
    gifts = [
        Gift(project, slug, title, Source(source), company, amount)
        for project, slug, title, source, company, amount in row.given or ()
    ]
    return ReceiptLetter._make(
        (
            *row[:-3],
            [LetterLine(*line) for line in row.lines or ()],
            [LetterParcel(name, minor) for _company, name, minor in row.parcels or ()],
            given_of(gifts, {company: name for company, name, _minor in row.parcels or ()}),
        )
    )
