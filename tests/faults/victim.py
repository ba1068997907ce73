"""Processes that are killed: a web process or a worker, at a failpoint or not at all.

What takes long is done once, by a process that forks: each victim is a child of it. So a kill costs
a fork and not a start of the product.
"""

import dataclasses
import json
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from flask import Flask

from config import Settings
from marketplace import create_app
from marketplace.checkout import jobs
from marketplace.core import db as database
from marketplace.payments import gateway
from marketplace.payouts import jobs as payout_jobs
from sandbox import create_app as create_double
from sandbox.transport import WSGITransport
from tests.checkout.shopper import Shopper
from tests.client import Browser
from tests.provider import WEBHOOK_SECRET


@dataclass(frozen=True)
class Doing:
    """What a victim is to do; at the failpoint `at` it is killed."""

    at: str
    dsn: str
    sandbox: str
    doing: str
    log: str
    asked: dict[str, str]


def serve() -> None:
    """Fork a victim for each line of JSON that comes in; answer with how it ended."""
    environ = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": "postgresql:///nowhere",
        "INSTANCE_PATH": sys.argv[1],
        "MAIL_URL": "memory:",
        "SECRET_KEY": "a secret that is only for tests and long enough",
        "PUBLIC_URL": "http://localhost",
        "STRIPE_API_BASE": "http://pay.test",
    }
    os.environ |= environ
    app = create_app(Settings.from_env(environ))
    app.testing = True
    app.test_client_class = Browser
    for line in sys.stdin:
        doing = Doing(**json.loads(line))
        child = os.fork()
        if child == 0:
            _die(app, doing)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _die(app: Flask, doing: Doing) -> NoReturn:
    code = 1
    with Path(doing.log).open("w") as said:
        try:
            os.environ["CAUSEWAY_FAILPOINT"] = doing.at
            database.bind(database.make_engine(doing.dsn))
            settings = dataclasses.replace(app.config["SETTINGS"], database_url=doing.dsn)
            app.config["SETTINGS"] = settings
            double = create_double(
                doing.sandbox, public_url="http://pay.test", webhook_url=None,
                webhook_secret=WEBHOOK_SECRET,
            )  # fmt: skip
            transport = WSGITransport(double)
            gateway.bind(gateway.in_process(transport=transport, webhook_secret=WEBHOOK_SECRET))
            _do(app, doing)
            code = 0
        except BaseException:
            traceback.print_exc(file=said)
    os._exit(code)


def _do(app: Flask, doing: Doing) -> None:
    if doing.doing == "place":
        shopper = Shopper(app.test_client())
        shopper.post("/basket", variant_id=doing.asked["variant"], quantity=1)
        shopper.says_address()
        shopper.post(
            "/checkout/projects", project=[doing.asked["project"]], amount=["2.40"], do="continue"
        )
        shopper.places()
        return
    with app.app_context():
        match doing.doing:
            case "return":
                jobs.settle_session(doing.asked["session"])
            case "send":
                jobs.run_command(command_id=doing.asked["command"])
            case "pay out":
                payout_jobs.pay_out()
            case "release":
                jobs.release_closed_windows()
            case "hear":
                jobs.take_event(gateway.current().reread_event(doing.asked["message"]))


if __name__ == "__main__":
    serve()
