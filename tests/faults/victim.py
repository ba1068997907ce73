"""A web process that is killed: one request or one return, in a process of its own."""

import json
import os
import sys

from config import Settings
from marketplace import create_app
from marketplace.checkout import jobs
from marketplace.core.db import make_engine
from marketplace.payments import gateway
from marketplace.payouts import jobs as payout_jobs
from sandbox import create_app as create_double
from sandbox.transport import WSGITransport
from tests.checkout.shopper import Shopper
from tests.client import Browser
from tests.provider import WEBHOOK_SECRET


def main() -> None:
    """Do what the first argument says, with the JSON of the second."""
    doing, asked = sys.argv[1], json.loads(sys.argv[2])
    app = create_app(Settings.from_env(os.environ), engine=make_engine(os.environ["DATABASE_URL"]))
    app.testing = True
    app.test_client_class = Browser
    double = create_double(
        asked["sandbox"], public_url="http://pay.test", webhook_url=None,
        webhook_secret=WEBHOOK_SECRET,
    )  # fmt: skip
    transport = WSGITransport(double)
    gateway.bind(gateway.in_process(transport=transport, webhook_secret=WEBHOOK_SECRET))
    if doing == "place":
        shopper = Shopper(app.test_client())
        shopper.post("/basket", variant_id=asked["variant"], quantity=1)
        shopper.says_address()
        shopper.post(
            "/checkout/projects", project=[asked["project"]], amount=["2.40"], do="continue"
        )
        page = shopper.places()
        sys.stdout.write(f"{page.status} {page.headers.get('Location')}\n{page.text[:500]}")
    elif doing == "return":
        with app.app_context():
            jobs.settle_session(asked["session"])
    elif doing == "send":
        with app.app_context():
            jobs.run_command(command_id=asked["command"])
    elif doing == "pay out":
        with app.app_context():
            payout_jobs.pay_out()


main()
