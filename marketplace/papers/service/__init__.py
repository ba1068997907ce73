"""What writes papers."""

from marketplace.papers.service.gifts import Giver, ask, forget, look_after
from marketplace.papers.service.invoices import say_seller, write_invoices, write_papers
from marketplace.papers.service.recipients import end, qualify

__all__ = [
    "Giver",
    "ask",
    "end",
    "forget",
    "look_after",
    "qualify",
    "say_seller",
    "write_invoices",
    "write_papers",
]
