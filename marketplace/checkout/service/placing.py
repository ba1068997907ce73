"""Place an order: price it from our own data, hold the stock, write down what was agreed."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from marketplace.campaigns import service as campaigns
from marketplace.campaigns.queries import ANY_RUNNING
from marketplace.campaigns.rules import Match
from marketplace.checkout import queries
from marketplace.checkout.queries import PricedBasket
from marketplace.checkout.service.agreeing import agree
from marketplace.checkout.service.matching import reserve_matches
from marketplace.checkout.service.telling import payment_page, purchase_told
from marketplace.core.db import session
from marketplace.core.errors import Conflict, DomainError, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id, new_token
from marketplace.disclosures.rules import USUAL_TIMES, Disclosed, ProjectTold, Times
from marketplace.disclosures.service import disclose
from marketplace.giving import service as giving
from marketplace.giving.rules import MOST_PROJECTS
from marketplace.orders.models import Order, OrderState
from marketplace.payments import service as payments
from marketplace.payments.rules import CommandKind, Sending
from marketplace.projects.models import Project, ProjectState

MOST_TOP_UP_MINOR = 1_000_000


class OutOfStock(DomainError):
    """Somebody else was faster; `titles` are the things that are short."""

    status = 409

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(
            _l(
                "There are not enough pieces left of: %(titles)s. Nothing was charged.",
                titles=", ".join(titles),
            )
        )
        self.titles = list(titles)


class PriceChanged(DomainError):
    """The total differs from what the shopper saw."""

    status = 409
    message = _l("A price has changed since you looked. Please read your order again.")


@dataclass(frozen=True)
class Delivery:
    """Where and to whom the parcels go."""

    email: str
    name: str
    street: str
    postal_code: str
    city: str
    country: str
    phone: str = ""


@dataclass(frozen=True)
class PlaceOrder:
    """What a shopper agreed to.

    `choice` lists project and amount in the order shown; the amounts add up to the companies'
    share. `seen_total_minor` is the total that the shopper saw.
    """

    checkout_key: str
    wanted: Mapping[uuid.UUID, int]
    choice: Sequence[tuple[uuid.UUID, int]]
    top_up_minor: int
    delivery: Delivery
    locale: str
    seen_total_minor: int | None = None
    customer_id: uuid.UUID | None = None
    is_public_supporter: bool = False
    by_company: Mapping[uuid.UUID, Sequence[tuple[uuid.UUID, int]]] | None = None
    """Where the companies choose: what each gives to which project; `choice` is their sum."""
    seen_match_minor: int | None = None
    """What the shopper saw that sponsors add."""


def place(
    *,
    wish: PlaceOrder,
    commission_bp: int,
    hold: timedelta,
    success_url: str,
    cancel_url: str,
    now: datetime,
    times: Times = USUAL_TIMES,
) -> tuple[Order, Sending]:
    """Place an order and put down the command for its payment page, which the caller sends.

    `success_url` and `cancel_url` may hold `{token}`, the receipt's secret; `times` are told.

    :raises OutOfStock: somebody else was faster.
    :raises PriceChanged: the total differs from `seen_total_minor`.
    :raises MatchChanged: what sponsors add differs from `seen_match_minor`.
    :raises Conflict: the basket is empty, or something or some project can't be chosen.
    :raises Invalid: the choice does not add up.
    """
    basket = queries.price(wish.wanted, commission_bp=commission_bp, lock=True)
    _check_basket(basket, wish)
    projects, is_matched, serial = _check_choice(basket, wish, now)
    told = purchase_told(basket, projects, wish.top_up_minor, wish.delivery.country, times)
    disclosed = disclose(told, language=wish.locale, day=now.date())
    matches = _match(basket, wish, is_any_running=is_matched, now=now)
    order = _order(basket, wish, disclosed, hold, now)
    order.number = f"CW-{now:%Y}-{serial:06d}"
    order.matched_minor = sum(match.amount_minor for match in matches)
    held = agree(order, basket, wish.choice, wish.by_company, now)
    if len(held) < len(basket.lines):
        raise OutOfStock([line.title for line in basket.lines if line.terms.variant_id not in held])
    campaigns.write_down(order_id=order.id, matches=matches, now=now)
    if wish.customer_id is not None and wish.by_company is not None:
        giving.forget(user_id=wish.customer_id)
    elif wish.customer_id is not None:
        giving.remember(
            user_id=wish.customer_id,
            project_ids=[project for project, _amount in wish.choice],
            weights=[amount for _project, amount in wish.choice],
        )
    command = payments.command(
        kind=CommandKind.CREATE_CHECKOUT,
        subject_id=order.id,
        params=payment_page(order, basket, success_url, cancel_url),
        now=now,
        is_begun=True,
    )
    return order, payments.sending_of(command)


def _check_basket(basket: PricedBasket, wish: PlaceOrder) -> None:
    if not basket.companies or len(basket.lines) < len(wish.wanted):
        raise Conflict(_l("Your basket is empty, or something in it is not sold any more."))
    if any(not line.is_for_sale for line in basket.lines):
        raise Conflict(
            _l("Something in your basket is not sold any more. Please look at it again.")
        )
    if len({line.currency for line in basket.lines}) > 1:
        raise Conflict(_l("One order is paid in one currency. Please buy these things separately."))
    short = [line.title for line in basket.lines if line.is_short]
    if short:
        raise OutOfStock(short)
    if not 0 <= wish.top_up_minor <= MOST_TOP_UP_MINOR:
        raise Invalid(fields={"top_up": _l("Choose an amount between zero and 10,000.")})
    total = basket.total_minor + wish.top_up_minor
    if wish.seen_total_minor is not None and wish.seen_total_minor != total:
        raise PriceChanged


def _check_choice(
    basket: PricedBasket, wish: PlaceOrder, now: datetime
) -> tuple[list[ProjectTold], bool, int]:
    """Hold the choice to what it must be, and return it with the projects' names.

    Projects are locked so that none closes meanwhile. Says, too, whether any sponsor's pool runs,
    and the number of the order, as that costs no statements of their own here.
    """
    projects = [project for project, _amount in wish.choice]
    amounts = [amount for _project, amount in wish.choice]
    most = MOST_PROJECTS * len(wish.by_company or [None])  # each company may name as many
    if not 1 <= len(set(projects)) == len(projects) <= most:
        raise Invalid(fields={"projects": _l("Choose one to five projects, each once.")})
    if sum(amounts) != basket.share_minor or min(amounts) < 0:
        raise Invalid(
            fields={"projects": _l("The amounts must add up to what the companies give.")}
        )
    if wish.by_company is not None and not _is_each_own(basket, wish):
        raise Conflict(_l("A project you chose cannot be chosen any more. Please choose again."))
    found = session.execute(
        _CHOSEN, {"projects": projects, "currency": basket.currency, "now": now}
    ).all()
    names = {row.id: (row.title, row.organisation) for row in found}
    if len(names) < len(projects):
        raise Conflict(_l("A project you chose cannot be chosen any more. Please choose again."))
    told = [ProjectTold(*names[project], amount) for project, amount in wish.choice]
    return told, found[0].is_any_running, found[0].serial


_CHOSEN = (
    sa.select(
        Project.id,
        Project.title,
        Project.organisation,
        ANY_RUNNING.label("is_any_running"),
        sa.select(sa.func.nextval("order_number")).scalar_subquery().label("serial"),
    )
    .where(
        Project.id == sa.func.any(sa.bindparam("projects", type_=ARRAY(sa.Uuid))),
        Project.state == ProjectState.OPEN,
        Project.currency == sa.bindparam("currency"),
    )
    .order_by(Project.id)
    .with_for_update(read=True, of=Project)
)


def _match(
    basket: PricedBasket, wish: PlaceOrder, *, is_any_running: bool, now: datetime
) -> list[Match]:
    return reserve_matches(
        currency=basket.currency,
        choice=wish.choice,
        top_up_minor=wish.top_up_minor,
        seen_minor=wish.seen_match_minor,
        is_any_running=is_any_running,
        now=now,
    )


def _is_each_own(basket: PricedBasket, wish: PlaceOrder) -> bool:
    """Say whether each company gives exactly its own share, and all together what was shown."""
    by_company = wish.by_company or {}
    shares = {company.company_id: company.share_minor for company in basket.companies}
    given = {company: sum(part for _one, part in own) for company, own in by_company.items()}
    together: dict[uuid.UUID, int] = {}
    for project, part in chain.from_iterable(by_company.values()):
        together[project] = together.get(project, 0) + part
    return given == shares and {one: part for one, part in together.items() if part} == {
        one: part for one, part in wish.choice if part
    }


def _order(
    basket: PricedBasket, wish: PlaceOrder, disclosed: Disclosed, hold: timedelta, now: datetime
) -> Order:
    delivery = wish.delivery
    return Order(
        id=new_id(),
        token=new_token(),
        checkout_key=wish.checkout_key,
        customer_id=wish.customer_id,
        email=delivery.email.lower(),
        name=delivery.name,
        street=delivery.street,
        postal_code=delivery.postal_code,
        city=delivery.city,
        country=delivery.country,
        phone=delivery.phone,
        locale=wish.locale,
        is_public_supporter=wish.is_public_supporter,
        disclosure_version=disclosed.version,
        disclosure=disclosed.text,
        currency=basket.currency,
        items_minor=basket.items_minor,
        shipping_minor=basket.shipping_minor,
        discount_minor=0,
        top_up_minor=wish.top_up_minor,
        total_minor=basket.total_minor + wish.top_up_minor,
        vat_minor=basket.vat_minor,
        share_minor=basket.share_minor,
        captured_minor=0,
        refund_reserved_minor=0,
        refunded_minor=0,
        state=OrderState.PLACED,
        payment_id=None,
        checkout_session_id=None,
        payment_url=None,
        placed_at=now,
        expires_at=now + hold,
        paid_at=None,
    )
