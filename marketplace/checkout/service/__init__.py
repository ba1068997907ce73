"""The use cases of a purchase: fill the basket, place, settle, let lapse, release, refund."""

from marketplace.campaigns.service import MatchChanged
from marketplace.checkout.service.baskets import (
    change_quantity,
    empty,
    keep_draft,
    note_order,
    open_basket,
    purge,
    put,
    renew_key,
    take_over,
)
from marketplace.checkout.service.contesting import add_note, facts_about, submit_evidence
from marketplace.checkout.service.disputing import take_dispute
from marketplace.checkout.service.outcomes import apply_outcome
from marketplace.checkout.service.owing import take_refund
from marketplace.checkout.service.placing import (
    Delivery,
    OutOfStock,
    PlaceOrder,
    PriceChanged,
    place,
)
from marketplace.checkout.service.recovering import recover
from marketplace.checkout.service.refunding import (
    request_full_refund,
    request_refund,
    settle_refund,
)
from marketplace.checkout.service.releasing import release
from marketplace.checkout.service.repaying import pay_otherwise, send_again
from marketplace.checkout.service.rerouting import change_choice, leave_closed, pending_of
from marketplace.checkout.service.settling import give_up, let_lapse, settle
from marketplace.checkout.service.telling import purchase_told

__all__ = [
    "Delivery",
    "MatchChanged",
    "OutOfStock",
    "PlaceOrder",
    "PriceChanged",
    "add_note",
    "apply_outcome",
    "change_choice",
    "change_quantity",
    "empty",
    "facts_about",
    "give_up",
    "keep_draft",
    "leave_closed",
    "let_lapse",
    "note_order",
    "open_basket",
    "pay_otherwise",
    "pending_of",
    "place",
    "purchase_told",
    "purge",
    "put",
    "recover",
    "release",
    "renew_key",
    "request_full_refund",
    "request_refund",
    "send_again",
    "settle",
    "settle_refund",
    "submit_evidence",
    "take_dispute",
    "take_over",
    "take_refund",
]
