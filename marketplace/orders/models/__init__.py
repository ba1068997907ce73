"""Tables of orders, what was agreed in them, and what was given back."""

from marketplace.orders.models.dispute import (
    OPEN_DISPUTES,
    Dispute,
    DisputeNote,
    DisputeState,
)
from marketplace.orders.models.failing import OWED_STILL, FailedRefund, FailedRefundState
from marketplace.orders.models.given import CompanyGiven, GivenFollowing
from marketplace.orders.models.hold import HoldState, StockHold
from marketplace.orders.models.order import (
    Allocation,
    CauseChoice,
    CompanyOrder,
    CompanyOrderState,
    Order,
    OrderLine,
    OrderState,
)
from marketplace.orders.models.refund import Refund, RefundLine, RefundState
from marketplace.orders.models.rerouting import Rerouting, Why

__all__ = [
    "OPEN_DISPUTES",
    "OWED_STILL",
    "Allocation",
    "CauseChoice",
    "CompanyGiven",
    "CompanyOrder",
    "CompanyOrderState",
    "Dispute",
    "DisputeNote",
    "DisputeState",
    "FailedRefund",
    "FailedRefundState",
    "GivenFollowing",
    "HoldState",
    "Order",
    "OrderLine",
    "OrderState",
    "Refund",
    "RefundLine",
    "RefundState",
    "Rerouting",
    "StockHold",
    "Why",
]
