"""A year of purchases, made by the same services that serve people; the same every time."""

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from marketplace.checkout import queries as checkout_queries
from marketplace.checkout import service as checkout
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core.db import atomic, session
from marketplace.core.money import split
from marketplace.demo import pools, troubles
from marketplace.demo.bank import Bank
from marketplace.demo.world import World
from marketplace.giving.rules import share_equally
from marketplace.ledger import service as ledger
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.payments import gateway
from marketplace.payments import queries as payment_queries
from marketplace.payments import service as payments
from marketplace.payments.rules import Done
from marketplace.payouts import queries as payout_queries
from marketplace.payouts import service as payouts
from marketplace.payouts.models import PayeeKind
from marketplace.payouts.rules import Terms
from marketplace.people import queries as people
from marketplace.people.rules import TeamKind

PURCHASES = 240
BOUNCES = 230
"""The purchase whose refund does not arrive: its card is gone by then."""
MOST_RECENT = timedelta(hours=6)
RETURN_WINDOW = timedelta(days=14)
PAYOUT_EVERY = timedelta(days=30)
TERMS = Terms(minimum_minor=500, maximum_age=timedelta(days=90), approval_from_minor=10**9)

MATCHED = ((100, pools.open_first), (180, pools.open_second))
"""After which purchases sponsors open their pools, before they are paid what they earned."""

Progress = Callable[[], object]


def live_through(
    world: World, bank: Bank, *, commission_bp: int, progress: Progress = lambda: None
) -> None:
    """Buy, send, confirm, refund and pay out, in the order of time."""
    dice = random.Random(20_251_122)  # noqa: S311  # not for secrets: the same year every time
    step = (world.now - MOST_RECENT - world.began_at - timedelta(days=20)) / PURCHASES
    next_payout = world.began_at + timedelta(days=60)
    matched, bounced = list(MATCHED), uuid.UUID(int=0)
    _connect(world, bank)
    for place in range(PURCHASES):
        at = world.began_at + timedelta(days=20) + step * place
        bank.set_clock(at)
        order_id = _buy(world, bank, dice, (place, at), commission_bp)
        if place % 29 == 7 or place == BOUNCES:
            _give_back(order_id, at + timedelta(hours=20))
        if place == BOUNCES:
            bounced = order_id
        if at < world.now - timedelta(days=4):
            _send(order_id, at + timedelta(days=1))
        if at > next_payout:
            _release(at)
            pools.end_due(at)
            if matched and place >= matched[0][0]:
                matched.pop(0)[1](world, at)
            _pay_out(at)
            next_payout += PAYOUT_EVERY
        progress()
    bank.set_clock(world.now - timedelta(days=16))
    pools.open_disputed(world, bank, world.now - timedelta(days=16))
    bank.set_clock(world.now)
    pools.open_sponsored(world, bank, world.now - timedelta(days=1))
    troubles.hear_of_refunds(bounced, world.now - timedelta(days=2))
    _release(world.now)
    with atomic():
        ledger.compact(most=10_000)


def _connect(world: World, bank: Bank) -> None:
    """Open accounts at the provider for everybody but the newest two projects: those accrue."""
    teams = [people.get_team(TeamKind.COMPANY, slug) for slug in world.companies]
    teams += [people.get_team(TeamKind.PROJECT, slug) for slug in list(world.projects)[:-2]]
    session.rollback()
    for team in teams:
        owner = payout_queries.list_owners(team)[0].user
        country = payout_queries.get_home(PayeeKind(team.kind), team.id)[1]
        session.rollback()
        with atomic():
            payouts.open_account(team=team, country=country, url=None, by=owner, now=world.began_at)
        _run_commands(world.began_at)
        opened = payout_queries.find_current(team.id)
        account_id = str(opened and opened.provider_account_id)
        session.rollback()
        bank.onboard(account_id)
        seen = gateway.current().fetch_account(account_id)
        with atomic():
            payouts.note_account(seen=seen, now=world.began_at)
    with atomic():  # nobody is paid before there is anything: the first run
        payouts.begin_run(day=world.began_at.date(), now=world.began_at)
        payouts.end_run(day=world.began_at.date(), now=world.began_at)


def _buy(
    world: World, bank: Bank, dice: random.Random, which: tuple[int, datetime], commission_bp: int
) -> uuid.UUID:
    place, at = which
    shopper, (country, city, postal_code, street) = dice.choice(world.shoppers)
    wanted = {
        variant: dice.choice((1, 1, 1, 2))
        for variant in dice.sample(world.variants, dice.choice((1, 2, 2, 3)))
    }
    share = checkout_queries.price(wanted, commission_bp=commission_bp).share_minor
    session.rollback()
    wish = PlaceOrder(
        checkout_key=f"demo-{place}",
        wanted=wanted,
        choice=_choose(world, dice, share),
        top_up_minor=dice.choice((0, 0, 0, 0, 100, 200)),
        delivery=Delivery(shopper.email, shopper.name, street, postal_code, city, country),
        locale="en",
        customer_id=shopper.id,
        is_public_supporter=shopper.is_public_supporter,
    )
    with atomic():
        order, sending = checkout.place(
            wish=wish,
            commission_bp=commission_bp,
            hold=timedelta(minutes=30),
            success_url="",
            cancel_url="",
            now=at,
        )
        done = Done(f"cs_demo_{place}", {"url": None})
        ended = payments.finish(command_id=sending.id, outcome=done, now=at)
        if ended is not None:
            checkout.apply_outcome(command=ended, now=at)
    card = "pm_card_refundFail" if place == BOUNCES else "pm_card_bypassPending"
    payment_id = bank.pay(order.id, order.total_minor, order.currency, card)
    seen = gateway.current().fetch_payment(payment_id)
    with atomic():
        checkout.settle(seen=seen, now=at)
    return order.id


def _choose(world: World, dice: random.Random, share_minor: int) -> list[tuple[uuid.UUID, int]]:
    favourites = ["riwa-springs", "riwa-springs", "tifawin", "officina-aurora", *world.projects]
    slugs = list(dict.fromkeys(dice.sample(favourites, dice.choice((1, 2, 3)))))
    if dice.random() < 0.5:
        amounts = share_equally(share_minor, len(slugs))
    else:
        amounts = split(share_minor, [dice.randint(1, 5) for _ in slugs])
    return [(world.projects[slug].id, part) for slug, part in zip(slugs, amounts, strict=True)]


def _give_back(order_id: uuid.UUID, at: datetime) -> None:
    """Give the first line of an order back."""
    line = orders.get_order(order_id).lines[0]
    session.rollback()
    with atomic():
        checkout.request_refund(
            order_id=order_id,
            pieces={line.id: 1},
            shipping=[],
            reason="Arrived damaged",
            requested_by_id=None,
            now=at,
        )
    _run_commands(at)


def _run_commands(at: datetime) -> None:
    due = payment_queries.list_due_commands(at)
    session.rollback()
    for command_id in due:
        with atomic():
            sending = payments.begin(command_id=command_id, now=at)
        if sending is None:
            continue
        outcome = gateway.current().execute(sending)
        with atomic():
            ended = payments.finish(command_id=command_id, outcome=outcome, now=at)
            if ended is not None and ended.kind == "transfer" and ended.provider_id:
                payouts.confirm(payout_id=ended.subject_id, provider_id=ended.provider_id, now=at)
            elif ended is not None and ended.kind == "create_account":
                payouts.note_opened(
                    account_id=ended.subject_id, provider_account_id=ended.provider_id, now=at
                )
            elif ended is not None:
                checkout.apply_outcome(command=ended, now=at)


def _send(order_id: uuid.UUID, at: datetime) -> None:
    parts = orders.get_order(order_id).company_orders
    session.rollback()
    for part in parts:
        if part.state == "to_send":
            with atomic():
                order_service.mark_sent(
                    company_order=session.merge(part),
                    tracking="",
                    return_window=RETURN_WINDOW,
                    now=at,
                )


def _release(at: datetime) -> None:
    while due := orders.list_to_release(at):
        session.rollback()
        for company_order_id in due:
            with atomic():
                checkout.release(company_order_id=company_order_id, now=at)
    session.rollback()


def _pay_out(at: datetime) -> None:
    day = at.date()
    with atomic():
        since = payouts.begin_run(day=day, now=at) or day
    payees = payout_queries.list_with_money()
    session.rollback()
    for payee in payees:
        with atomic():
            payouts.pay_payee(payee=payee, since=since, day=day, terms=TERMS, now=at)
    with atomic():
        payouts.end_run(day=day, now=at)
    _run_commands(at)


def forget_letters() -> None:
    """Take back the letters of a year that nobody lived: only what lies ahead is sent."""
    with atomic():
        session.execute(sa.text("delete from procrastinate_jobs"))
