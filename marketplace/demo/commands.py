"""Commands that make and show the demo world."""

import sys
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from tqdm import tqdm

import sandbox
from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.demo import (
    bulk,
    desks,
    elsewhere,
    history,
    joining,
    papers,
    plans,
    readers,
    reports,
    shelves,
    stories,
    teams,
    troubles,
    world,
)
from marketplace.demo.bank import Bank
from marketplace.projects import service as projects


@click.command("seed")
@with_appcontext
@click.option("--if-empty", is_flag=True, help="Do nothing where there is somebody already.")
@click.option("--products", default=0, help="Fill up to so many products, for measuring.")
@click.option("--orders", default=0, help="Make so many further orders in bulk, for measuring.")
def seed(if_empty: bool, products: int, orders: int) -> None:
    """Make the demo world, with a year of history."""
    settings = current_app.config["SETTINGS"]
    if settings.is_production:
        raise click.ClickException("The demo world is not made in production.")
    is_empty = not session.scalar(sa.select(sa.func.count()).select_from(User))
    session.rollback()
    if is_empty:
        _make(settings)
    elif not if_empty and not orders and not products:
        raise click.ClickException("There is somebody in this database already.")
    if products:
        shelves.fill(products)
    if orders:
        bulk.make_orders(orders)
    _look_at_sizes()


def _look_at_sizes() -> None:
    """Let PostgreSQL plan for what is there now: at small tables it never looks by itself."""
    with atomic():
        session.execute(sa.text("set local role none"))  # the tables' owner may, our role may not
        session.execute(sa.text("analyze"))


def _make(settings: Any) -> None:  # Any: only create_app and the start know Settings
    moment = now().replace(microsecond=0)
    with atomic():
        made = world.make(moment)
    bar = tqdm(total=history.PURCHASES, desc="A year of purchases", file=sys.stderr, disable=None)
    double = sandbox.create_app(
        settings.database_url,
        public_url=settings.public_url,
        webhook_url=None,
        webhook_secret="",
        production=settings.is_production,
    )
    bank = Bank(double)
    with bar:
        history.live_through(made, bank, commission_bp=settings.commission_bp, progress=bar.update)
    troubles.happen(made, bank)
    stories.tell(made)
    desks.write(made)
    papers.write(made)
    elsewhere.answer(made)
    joining.join(made)
    plans.lay_out(made)
    teams.gather(made)
    with atomic():
        projects.count_givers(now=moment)
    readers.ask(made)
    reports.report(made)
    history.forget_letters()
    with atomic():
        jobs.enqueue("publish_open_data")


@click.command("demo-sign-ins")
@with_appcontext
def demo_sign_ins() -> None:
    """Show how to sign in to the demo world."""
    found = session.scalar(sa.select(User.id).where(User.email == world.OPERATOR))
    session.rollback()
    if found is None:
        click.echo("There is no demo world in this database.")
        return
    click.echo(world.sign_ins())


commands: list[click.Command] = [seed, demo_sign_ins]
