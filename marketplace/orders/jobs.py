"""Letters to shoppers. Each has a key of its own: a job that runs twice sends the same one."""

import uuid

from flask import current_app

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import User
from marketplace.core import mail
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.orders import queries, service
from marketplace.orders.models import CompanyOrder, Order, Refund, Rerouting


@task("order_receipt_mail")
def order_receipt_mail(*, order_id: str) -> None:
    """Send the receipt, with the figures of the page."""
    order = queries.get_receipt_letter(uuid.UUID(order_id))
    mail.send(
        to=order.email,
        kind="order_receipt",
        locale=order.locale,
        key=f"receipt-{order.id}",
        order=order,
        given=order.given,
        link=_link(order, f"/receipt/{order.token}"),
        sign_up_link=_link(order, "/sign-up"),
    )


@task("order_sent_mail")
def order_sent_mail(*, company_order_id: str) -> None:
    """Say that a parcel is on its way, and until when things can be returned."""
    part = session.get_one(CompanyOrder, uuid.UUID(company_order_id))
    order = queries.get_order(part.order_id)
    mail.send(
        to=order.email,
        kind="order_sent",
        locale=order.locale,
        key=f"sent-{part.id}",
        order=order,
        part=part,
        company=next(one.company for one in order.company_orders if one.id == part.id),
        lines=[line for line in order.lines if line.company_order_id == part.id],
        link=_link(order, f"/receipt/{order.token}"),
    )


@task("refund_mail")
def refund_mail(*, refund_id: str) -> None:
    """Say what was given back, and why."""
    refund = session.get_one(Refund, uuid.UUID(refund_id))
    order = queries.get_order(refund.order_id)
    mail.send(
        to=order.email,
        kind="refund",
        locale=order.locale,
        key=f"refund-{refund.id}",
        order=order,
        refund=refund,
        link=_link(order, f"/receipt/{order.token}"),
    )


@task("refund_failed_mail")
def refund_failed_mail(*, failed_refund_id: str) -> None:
    """Say that a refund did not arrive, that it is owed still, and what can be done."""
    failed = queries.get_failed_refund(uuid.UUID(failed_refund_id))
    order = failed.order
    mail.send(
        to=order.email,
        kind="refund_failed",
        locale=order.locale,
        key=f"refund-failed-{failed.key}",
        order=order,
        failed=failed,
        link=_link(order, f"/receipt/{order.token}"),
    )


@task("late_payment_mail")
def late_payment_mail(*, order_id: str, amount_minor: int) -> None:
    """Say that a payment came too late for its order and goes back in full."""
    order = queries.get_order(uuid.UUID(order_id))
    mail.send(
        to=order.email,
        kind="late_payment",
        locale=order.locale,
        key=f"late-{order.id}-{amount_minor}",
        order=order,
        amount_minor=amount_minor,
        link=_link(order, "/basket"),
    )


@task("rerouted_mail")
def rerouted_mail(*, rerouting_id: str) -> None:
    """Tell the shopper that a project takes no more money, and where it goes instead."""
    made = session.get_one(Rerouting, uuid.UUID(rerouting_id))
    order = queries.get_order(made.order_id)
    moved = queries.list_moved(made.order_id, rerouting_id=made.id)
    mail.send(
        to=order.email,
        kind="rerouted",
        locale=order.locale,
        key=f"rerouted-{made.id}",
        order=order,
        moved=moved,
        link=_link(order, f"/receipt/{order.token}"),
    )


@task("dispute_mails")
def dispute_mails(*, dispute_id: str) -> None:
    """Tell the owners of an order's companies that it is disputed, and until when to answer."""
    dispute = queries.get_dispute(dispute_id)
    for part in dispute.order.company_orders if dispute.order else ():
        for user in queries.list_owners_of_company(part.company_id):
            path = f"/company/{part.company.slug}/orders/{part.number}"
            mail.send(
                to=user.email,
                kind="dispute",
                locale=user.locale,
                key=f"dispute-{dispute.id}-{user.id}-{part.id}",
                dispute=dispute,
                part=part,
                link=f"{current_app.config['PUBLIC_URL']}/{user.locale}{path}",
            )


@task("dispute_ended_mails")
def dispute_ended_mails(*, dispute_id: str) -> None:
    """Tell the companies' owners and the operators how a dispute has ended, and what it means.

    Whom a pool is of gets the pool's letters.
    """
    dispute = queries.get_dispute(dispute_id)
    told: list[tuple[User, CompanyOrder | None, str]] = [
        (user, part, f"/company/{part.company.slug}/orders/{part.number}")
        for part in (dispute.order.company_orders if dispute.order else ())
        for user in queries.list_owners_of_company(part.company_id)
    ]
    told += [(user, None, f"/staff/disputes/{dispute.id}") for user in accounts.list_operators()]
    for user, part, path in told:
        mail.send(
            to=user.email,
            kind="dispute_ended",
            locale=user.locale,
            key=f"dispute-ended-{dispute.id}-{user.id}-{part.id if part else 'staff'}",
            dispute=dispute,
            part=part,
            link=f"{current_app.config['PUBLIC_URL']}/{user.locale}{path}",
        )


def _link(order: Order | queries.ReceiptLetter, path: str) -> str:
    """Return an address in the order's language, for somebody who reads a letter."""
    return f"{current_app.config['PUBLIC_URL']}/{order.locale}{path}"


@task("fold_given", every="* * * * *")
def fold_given() -> None:
    """Follow the book: what companies gave is added up a moment after it happened."""
    is_more = True
    while is_more:
        with atomic():
            is_more = service.fold_given()
