"""Tables of matching pools, of who funds them, and of what they keep for orders."""

from marketplace.campaigns.models.payment import PoolDispute, PoolPayment, PoolRefund
from marketplace.campaigns.models.pool import Pool, PoolProject, Reservation, Sponsor

__all__ = [
    "Pool",
    "PoolDispute",
    "PoolPayment",
    "PoolProject",
    "PoolRefund",
    "Reservation",
    "Sponsor",
]
