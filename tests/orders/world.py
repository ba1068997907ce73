"""What becomes of an order after it was paid: sent, confirmed, paid out."""

from datetime import timedelta

from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.payouts import queries as payouts
from marketplace.payouts import service as payout_service
from marketplace.payouts.models import PayeeKind, Payout

DELIVERY = timedelta(days=3)
"""How long a parcel is counted as under way."""


def confirm_all(order_id, at=None):
    """Send every parcel of an order, and let its return window close; return when."""
    at = at or clock.now()
    for part in orders.get_order(order_id).company_orders:
        with atomic():
            order_service.mark_sent(
                company_order=part,
                tracking="",
                return_window=timedelta(0),
                now=at - DELIVERY,
            )
        with atomic():
            assert checkout.release(company_order_id=part.id, now=at)
    return at


def pay_out(project_id):
    """Pay a project all that is confirmed, and let the provider say that it arrived."""
    now = clock.now()
    with atomic():
        if payouts.find_current(project_id) is None:
            payout_service.connect(
                payee_kind=PayeeKind.PROJECT,
                payee_id=project_id,
                provider_account_id=f"acct_{project_id.hex}",
                now=now,
            )
        payout = payout_service.command(
            payee_kind=PayeeKind.PROJECT,
            payee_id=project_id,
            currency="EUR",
            minimum_minor=1,
            now=now,
        )
        payout_id = payout.id
    with atomic():
        assert payout_service.confirm(
            payout_id=payout_id, provider_id=f"tr_{new_id().hex}", now=clock.now()
        )
    return session.get(Payout, payout_id)
