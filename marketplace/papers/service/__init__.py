"""What writes papers."""

from marketplace.papers.service.gifts import Giver, ask, look_after
from marketplace.papers.service.invoices import say_seller, write_papers
from marketplace.papers.service.recipients import end, qualify

__all__ = ["Giver", "ask", "end", "look_after", "qualify", "say_seller", "write_papers"]
