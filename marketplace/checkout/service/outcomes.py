"""What a command to the provider was for, carried on with once it is known how it ended."""

from datetime import datetime

import sqlalchemy as sa

from marketplace.campaigns import service as campaigns
from marketplace.checkout.service.contesting import note_submitted
from marketplace.checkout.service.recovering import note_recovered
from marketplace.checkout.service.refunding import settle_refund, undo_refund
from marketplace.checkout.service.repaying import end_late_refund, end_sending
from marketplace.checkout.service.settling import let_lapse
from marketplace.core.db import session
from marketplace.orders.models import Order
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandKind, CommandState


def apply_outcome(*, command: ProviderCommand, now: datetime) -> None:
    """Carry on with what a command was for, now that it is known how it ended."""
    done = command.state is CommandState.SUCCEEDED
    match command.kind:
        case CommandKind.CREATE_CHECKOUT if done:
            if not _note_page(command):
                campaigns.note_page(command=command)
        case CommandKind.CREATE_CHECKOUT:
            if not let_lapse(order_id=command.subject_id):
                campaigns.note_page(command=command)
        case CommandKind.EXPIRE_CHECKOUT if done:
            let_lapse(order_id=command.subject_id)
        case CommandKind.REFUND:
            _apply_refund(command, done, now)
        case _ if done:
            _note_done(command, now)


_NOTE_PAGE = (
    sa.update(Order)
    .where(Order.id == sa.bindparam("order"))
    .values(checkout_session_id=sa.bindparam("page"), payment_url=sa.bindparam("url"))
    .returning(Order)
    .execution_options(synchronize_session=False, populate_existing=True)
)


def _note_page(command: ProviderCommand) -> bool:
    """Keep where an order is paid; say whether the page is an order's."""
    url = str((command.answer or {}).get("url"))
    page = {"order": command.subject_id, "page": command.provider_id, "url": url}
    return session.scalar(_NOTE_PAGE, page) is not None


def _note_done(command: ProviderCommand, now: datetime) -> None:
    if command.kind is CommandKind.SUBMIT_EVIDENCE:
        note_submitted(dispute_id=str(command.params["about"]), now=now)
    elif command.kind is CommandKind.REVERSE_TRANSFER:
        note_recovered(command=command, now=now)


def _apply_refund(command: ProviderCommand, done: bool, now: datetime) -> None:
    metadata = command.params.get("metadata")
    about = metadata if isinstance(metadata, dict) else {}
    made = command.provider_id if done else None
    error = command.error or ""
    if "pool_refund" in about:
        campaigns.end_refund(command=command, now=now)
    elif "failed_refund" in about:
        end_sending(failed_refund_id=command.subject_id, made=made, error=error, now=now)
    elif payment_id := about.get("late_payment"):
        end_late_refund(payment_id=str(payment_id), made=made, error=error, now=now)
    elif made:
        settle_refund(refund_id=command.subject_id, provider_id=made, now=now)
    else:
        undo_refund(refund_id=command.subject_id)
