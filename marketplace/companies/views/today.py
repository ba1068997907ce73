"""What waits for the people of a company, gathered from wherever it comes up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.catalog.queries import desk as catalog
from marketplace.companies.models import Company
from marketplace.orders import queries as orders
from marketplace.orders.models import CompanyOrder, CompanyOrderState
from marketplace.payouts import queries as payouts
from marketplace.people import queries as people
from marketplace.people.rules import TeamKind
from marketplace.questions import queries as questions
from marketplace.questions.models import of_company
from marketplace.reports import queries as reports
from marketplace.reports.models import VersionState
from marketplace.reports.queries import Card
from marketplace.verification import queries as verification
from marketplace.verification.rules import PaperState

MOST_TO_SEND = 20


@dataclass(frozen=True)
class ToDo:
    """What somebody of a company has to do."""

    to_send: Sequence[CompanyOrder]
    """The oldest first, at most twenty."""
    disputed: Sequence[tuple[str, datetime | None]]
    """Numbers of orders whose payment is disputed, and until when the bank takes an answer."""
    questions: int
    """About the company itself."""
    questions_of_reports: int
    reports: Sequence[Card]
    """Those that a second person reads, or has read."""
    papers: int
    """Papers that the operator asks for and has not got, or refused."""
    sold_out: int
    """Products that are shown and cannot be bought."""
    asked_by_provider: int | None
    """What the payment provider still wants to know; None where there is no account there."""

    @property
    def is_nothing(self) -> bool:
        """Say whether nobody has to do anything."""
        asked = self.questions or self.questions_of_reports or self.papers
        waits = self.to_send or self.disputed or self.reports or self.sold_out
        return not (asked or waits) and self.asked_by_provider == 0


def to_do(company: Company) -> ToDo:
    """Return what waits for the people of a company."""
    to_send = orders.list_of_company(
        company.id, state=CompanyOrderState.TO_SEND, limit=MOST_TO_SEND
    )
    account = payouts.find_current(company.id)
    asked = verification.list_papers(people.get_team(TeamKind.COMPANY, company.slug))
    return ToDo(
        to_send=sorted(to_send, key=lambda part: part.placed_at),
        disputed=[
            (part.number, dispute.due_at)
            for dispute, part in orders.list_disputes_of_company(company.id)
            if dispute.is_open
        ],
        questions=questions.count_unanswered(of_company(company)),
        questions_of_reports=questions.count_unanswered_of_reports(company.id),
        reports=[
            card
            for card in reports.list_of_company(company.id)
            if card.state in (VersionState.IN_REVIEW, VersionState.REVIEWED)
        ],
        papers=sum(paper.state in (PaperState.ASKED, PaperState.REFUSED) for paper in asked),
        sold_out=catalog.count_sold_out(company.id),
        asked_by_provider=None if account is None else len(account.requirements),
    )
