"""Tables of orders, what was agreed in them, and what was given back."""

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

__all__ = [
    "Allocation",
    "CauseChoice",
    "CompanyOrder",
    "CompanyOrderState",
    "HoldState",
    "Order",
    "OrderLine",
    "OrderState",
    "Refund",
    "RefundLine",
    "RefundState",
    "StockHold",
]
