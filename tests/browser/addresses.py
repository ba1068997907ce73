"""Every address that answers with a page: who opens it, and how one gets there.

`PAGES` and `LEFT_OUT` together name every GET route of `tests/golden/access.txt`; a test compares.
"""

import re
from dataclasses import dataclass

from marketplace.demo import world
from tests import cluster
from tests.browser import people

GUEST = ""
COMPANY = people.companies()[0]
PRODUCT = COMPANY["products"][0]
PROJECT = "riwa-springs"
TEAM = "the-tuesday-table"
DESK = f"/company/{COMPANY['slug']}"
OWN = f"/project-desk/{PROJECT}"


@dataclass(frozen=True)
class Address:
    """A page: its route, whose it is, where to begin, and the link to follow from there."""

    route: str
    path: str = ""
    who: str = GUEST
    link: str = ""

    @property
    def start(self) -> str:
        """Return the path to open."""
        return self.path or self.route

    def __str__(self) -> str:
        """Return the name of its test."""
        return self.start + (f" > {self.route}" if self.link else "")


def _of(who: str, *routes: str) -> list[Address]:
    return [Address(route, who=who) for route in routes]


def _money_of(desk: str, path: str, who: str) -> list[Address]:
    """Return the pages of a payee's money; single ones are reached from the first."""
    first = f"{path}/receiving"
    return [
        Address(f"{desk}/receiving", first, who),
        Address(f"{desk}/payouts/<int:number>", first, who, "main a[href*='/payouts/']"),
        Address(f"{desk}/statements/<month>", first, who, "main a[href*='/statements/']"),
    ]


PAGES = [
    *_of(GUEST, "/", "/products", "/projects", "/companies", "/ledger", "/how-it-works", "/look"),
    *_of(
        GUEST,
        "/verify",
        "/verify/report",
        "/solvency",
        "/log",
        "/disclosures",
        "/open-data",
        "/pools",
    ),
    Address("/impact"),
    Address("/teams"),
    Address("/teams/<slug>", f"/teams/{TEAM}"),
    Address("/share/<any(projects,companies,products,teams):kind>/<slug>", f"/share/teams/{TEAM}"),
    Address("/account/impact/<int:year>", "/account/impact", world.SHOPPER, "main nav .tag"),
    Address("/teams/<slug>/people", f"/teams/{TEAM}/people", world.SHOPPER),
    Address("/teams/<slug>/words", f"/teams/{TEAM}/words", world.SHOPPER),
    Address("/teams/<slug>/challenge", f"/teams/{TEAM}/challenge", world.SHOPPER),
    Address("/teams/<slug>/complaint", f"/teams/{TEAM}/complaint", world.SHOPPER),
    Address("/teams/<slug>/join", f"/teams/{TEAM}/join", world.MEMBER),
    Address("/company/<slug>/teams", f"{DESK}/teams", world.MEMBER),
    *_of(world.SHOPPER, "/account/impact/share", "/teams/new"),
    *_of(world.OPERATOR, "/staff/teams"),
    Address("/pools/<slug>", "/pools", link="main .rows h2 a"),
    Address("/pools/<slug>", "/pools/a-foundation-doubles-the-autumn"),
    *_of(GUEST, "/legal", "/privacy", "/accessibility", "/basket", "/api/v1/docs"),
    *_of(GUEST, "/api/v1/docs/try", "/sign-in", "/sign-up", "/sign-up/sent"),
    *_of(GUEST, "/reset-password", "/reset-password/sent"),
    Address("/products", "/products?q=linen&sort=price"),
    Address("/products", "/products?q=nothing-like-this"),
    Address("/products/c/<slug>", f"/products/c/{PRODUCT[2]}"),
    Address("/products/<slug>", f"/products/{PRODUCT[0]}"),
    Address("/projects", "/projects?q=nothing-like-this"),
    Address("/projects/<slug>", f"/projects/{PROJECT}"),
    Address("/projects/<slug>/updates", f"/projects/{PROJECT}/updates"),
    Address(
        "/projects/<slug>/updates/<uuid:update_id>",
        f"/projects/{PROJECT}/updates",
        link="main a[href*='/updates/']",
    ),
    Address("/account/translations", who=world.SHOPPER),
    Address(
        "/projects/<slug>/updates/<uuid:update_id>/translate/<any(en,fr,it):language>",
        "/account/translations",
        world.SHOPPER,
        "main a[href*='/translate/']",
    ),
    Address(
        "/projects/<slug>/updates/<uuid:update_id>/translations",
        "/account/translations",
        world.SHOPPER,
        "main a[href$='/translations']",
    ),
    Address("/projects/<slug>/money", f"/projects/{PROJECT}/money"),
    Address("/impact/causes/<slug>", "/impact", link="main a[href*='/impact/causes/']"),
    Address("/impact/goals/<int:number>", "/impact/goals/6"),
    Address("/impact/places/<country>", "/impact", link="main a[href*='/impact/places/']"),
    Address(
        "/share/<any(projects,companies,products,teams):kind>/<slug>", f"/share/projects/{PROJECT}"
    ),
    Address("/projects/<slug>/outcomes", f"/projects/{PROJECT}/outcomes"),
    Address("/projects/<slug>/spending", f"/projects/{PROJECT}/spending"),
    Address("/projects/<slug>/people", f"/projects/{PROJECT}/people"),
    Address("/companies/<slug>/money", f"/companies/{COMPANY['slug']}/money"),
    Address("/companies/<slug>", f"/companies/{COMPANY['slug']}"),
    Address("/<any(projects,companies):kind>/<slug>/concern", f"/projects/{PROJECT}/concern"),
    Address("/companies/<slug>/promises", f"/companies/{COMPANY['slug']}/promises"),
    Address("/people/<slug>", f"/projects/{PROJECT}/people", link="main a[href*='/people/']"),
    *_of(
        world.SHOPPER,
        "/account",
        "/account/email",
        "/following",
        "/account/letters",
        "/account/impact",
        "/account/answers",
    ),
    *_of(world.SHOPPER, "/account/orders", "/account/password", "/account/second-factor"),
    *_of(world.SHOPPER, "/account/sessions", "/account/settings", "/account/tokens"),
    *_of(world.SHOPPER, "/account/data", "/account/pools", "/account/pools/new"),
    Address("/account/pools/<pool_slug>", "/account/pools", world.SHOPPER, "main .task__h a"),
    Address(
        "/account/pools/<pool_slug>",
        "/account/pools/a-foundation-doubles-the-autumn",
        world.SHOPPER,
    ),
    *_of(world.SHOPPER, "/projects/propose", "/project-desk", "/company"),
    Address("/receipt/<token>", "/account/orders", world.SHOPPER, "main table a"),
    Address("/receipt/<token>/papers", "/account/gifts", world.SHOPPER, "main a[href*='/papers']"),
    Address("/account/gifts", who=world.SHOPPER),
    Address("/project-desk/<slug>", OWN, world.OWNER),
    Address("/project-desk/<slug>/drafts", f"{OWN}/drafts", world.OWNER),
    Address(
        "/project-desk/<slug>/drafts/<uuid:draft_id>",
        f"{OWN}/drafts",
        world.OWNER,
        "main a[href*='/drafts/']",
    ),
    Address("/project-desk/<slug>/translations", f"{OWN}/translations", world.OWNER),
    Address(
        "/project-desk/<slug>/translations/<uuid:translation_id>",
        f"{OWN}/translations",
        world.OWNER,
        "main a[href*='/translations/']",
    ),
    Address("/project-desk/<slug>/by-mail", f"{OWN}/by-mail", world.OWNER),
    Address("/project-desk/<slug>/texts", f"{OWN}/texts", world.OWNER),
    Address("/project-desk/<slug>/budget", f"{OWN}/budget", world.OWNER),
    Address("/project-desk/<slug>/plan", f"{OWN}/plan", world.OWNER),
    *(
        Address("/project-desk/<slug>/plan/<name>", f"{OWN}/plan/{part}", world.OWNER)
        for part in ("sections", "milestones", "needs")
    ),
    Address("/project-desk/<slug>/spending", f"{OWN}/spending", world.OWNER),
    Address("/project-desk/<slug>/spending/new", f"{OWN}/spending/new", world.OWNER),
    Address("/project-desk/<slug>/spending/import", f"{OWN}/spending/import", world.OWNER),
    Address(
        "/project-desk/<slug>/spending/<uuid:spending_id>",
        f"{OWN}/spending",
        world.OWNER,
        "main table a[href*='/spending/']",
    ),
    Address("/project-desk/<slug>/outcomes", f"{OWN}/outcomes", world.OWNER),
    Address("/project-desk/<slug>/indicators/new", f"{OWN}/indicators/new", world.OWNER),
    Address(
        "/project-desk/<slug>/indicators/<uuid:indicator_id>",
        f"{OWN}/outcomes",
        world.OWNER,
        "main .section__head a[href*='/indicators/']",
    ),
    Address(
        "/project-desk/<slug>/indicators/<uuid:indicator_id>/measure",
        f"{OWN}/outcomes",
        world.OWNER,
        "main a[href$='/measure']",
    ),
    Address(
        "/project-desk/<slug>/outcomes/<uuid:outcome_id>/correct",
        f"{OWN}/outcomes",
        world.OWNER,
        "main a[href$='/correct']",
    ),
    Address("/project-desk/<slug>/funding", f"{OWN}/funding", world.OWNER),
    Address("/project-desk/<slug>/questions", f"{OWN}/questions", world.OWNER),
    Address("/project-desk/<slug>/people", f"{OWN}/people", world.OWNER),
    Address("/project-desk/<slug>/elsewhere", f"{OWN}/elsewhere", world.OWNER),
    Address("/project-desk/<slug>/verification", f"{OWN}/verification", world.OWNER),
    Address(
        "/company/<slug>/verification", f"/company/{COMPANY['slug']}/verification", world.MEMBER
    ),
    Address("/project-desk/<slug>/closing", f"{OWN}/closing", world.OWNER),
    *_money_of("/project-desk/<slug>", OWN, world.OWNER),
    Address("/company/<slug>", DESK, world.MEMBER),
    Address("/company/<slug>/profile", f"{DESK}/profile", world.MEMBER),
    Address("/company/<slug>/questions", f"{DESK}/questions", world.MEMBER),
    Address("/company/<slug>/people", f"{DESK}/people", world.MEMBER),
    *_money_of("/company/<slug>", DESK, world.MEMBER),
    Address("/company/<slug>/defaults", f"{DESK}/defaults", world.MEMBER),
    Address("/company/<slug>/pools", f"{DESK}/pools", world.MEMBER),
    Address("/company/<slug>/pools/new", f"{DESK}/pools/new", world.MEMBER),
    Address("/company/<slug>/pools/<pool_slug>", f"{DESK}/pools", world.MEMBER, "main .tasks h2 a"),
    Address("/company/<slug>/orders", f"{DESK}/orders?state=all", world.MEMBER),
    Address(
        "/company/<slug>/orders/<number>",
        f"{DESK}/orders?state=all",
        world.MEMBER,
        "main table a",
    ),
    Address("/company/<slug>/invoicing", f"{DESK}/invoicing", world.MEMBER),
    Address("/company/<slug>/products", f"{DESK}/products", world.MEMBER),
    Address("/company/<slug>/products/new", f"{DESK}/products/new", world.MEMBER),
    Address(
        "/company/<slug>/products/<uuid:product_id>",
        f"{DESK}/products",
        world.MEMBER,
        "main table a",
    ),
    Address("/company/<slug>/import", f"{DESK}/import", world.MEMBER),
    Address("/company/<slug>/reports", f"{DESK}/reports", world.MEMBER),
    *_of(world.OPERATOR, "/staff", "/staff/companies", "/staff/projects", "/staff/orders"),
    *_of(world.OPERATOR, "/staff/ledger", "/staff/commands", "/staff/people", "/staff/payouts"),
    *_of(world.OPERATOR, "/staff/audit", "/staff/jobs", "/staff/reconciliation"),
    *_of(world.OPERATOR, "/staff/outcomes", "/staff/disputes", "/staff/refunds", "/staff/bank"),
    *_of(world.OPERATOR, "/staff/questions", "/staff/translations"),
    Address(
        "/staff/translations/<uuid:translation_id>",
        "/staff/translations",
        world.OPERATOR,
        "main a[href*='/staff/translations/']",
    ),
    Address("/projects/<slug>/questions", f"/projects/{PROJECT}/questions"),
    Address("/companies/<slug>/questions", f"/companies/{COMPANY['slug']}/questions"),
    Address(
        "/projects/<slug>/questions/<uuid:question_id>/complaint",
        f"/projects/{PROJECT}/questions",
        world.SHOPPER,
        "main a[href$='/complaint']",
    ),
    Address(
        "/companies/<slug>/questions/<uuid:question_id>/complaint",
        f"/companies/{COMPANY['slug']}/questions",
        world.SHOPPER,
        "main a[href$='/complaint']",
    ),
    *_of(world.OPERATOR, "/staff/federation", "/staff/recipients", "/staff/pools"),
    *_of(world.OPERATOR, "/staff/verification", "/staff/concerns"),
    Address("/staff/concerns", "/staff/concerns?which=ended", world.OPERATOR),
    Address("/staff/concerns/<uuid:concern_id>", "/staff/concerns", world.OPERATOR, "main table a"),
    *(
        Address("/staff/<any(companies,projects):kind>/<slug>/verification", path, world.OPERATOR)
        for path in (
            f"/staff/projects/{PROJECT}/verification",
            f"/staff/companies/{COMPANY['slug']}/verification",
        )
    ),
    Address("/staff/federation", "/staff/federation?which=comments", world.OPERATOR),
    Address("/staff/federation", "/staff/federation?which=blocked", world.OPERATOR),
    Address(
        "/staff/ledger/transactions/<int:transaction_id>",
        "/staff/ledger/1",
        world.OPERATOR,
        "main tbody th a",
    ),
    Address("/staff/orders/<uuid:order_id>", "/staff/orders", world.OPERATOR, "main table a"),
    Address("/staff/disputes/<dispute_id>", "/staff/disputes", world.OPERATOR, "main table a"),
    Address(
        "/staff/disputes/<dispute_id>",
        "/staff/disputes",
        world.OPERATOR,
        "main table a:has-text('autumn')",
    ),
    Address(
        "/staff/refunds/<uuid:failed_refund_id>", "/staff/refunds", world.OPERATOR, "main table a"
    ),
    Address("/staff/ledger/<int:account_id>", "/staff/ledger", world.OPERATOR, "main table a"),
    Address("/staff/people/<uuid:user_id>", f"/staff/people?email={world.SHOPPER}", world.OPERATOR),
]

CHECKOUT = "TestCheckout walks over it"
REPORT = "TestReport publishes one first"
LETTER = "TestLetter follows the link in a letter"
PROGRAM = "answers programs"
FILE = "a file"
FRAMED = "stands in frames of other sites"

LEFT_OUT = {
    "/projects/<slug>/updates/<uuid:update_id>/translations/<uuid:translation_id>/complaint": (
        "is two links away; tests/volunteer_translations/test_complaints.py opens it"
    ),
    "/publish/<token>": "is named in a letter only; tests/drafts/test_by_mail.py opens it",
    "/account/data.json": FILE,
    "/checkout/delivery": CHECKOUT,
    "/checkout/projects": CHECKOUT,
    "/checkout/projects/more": CHECKOUT,
    "/checkout/payment": CHECKOUT,
    "/checkout/back/<token>": CHECKOUT,
    "/checkout/done/<token>": "leads on to the receipt, to which TestCheckout gets by it",
    "/checkout/opening/<token>": "is seen only while the payment provider does not answer",
    "/company/<slug>/reports/<report_slug>": REPORT,
    "/company/<slug>/reports/<report_slug>/preview": REPORT,
    "/company/<slug>/reports/<report_slug>/questions": REPORT,
    "/companies/<slug>/reports/<report_slug>/compare": REPORT,
    "/companies/<slug>/reports/<report_slug>/questions": REPORT,
    "/companies/<slug>/reports/<report_slug>/questions/<uuid:question_id>/complaint": REPORT,
    "/companies/<slug>/reports/<report_slug>": REPORT,
    "/companies/<slug>/reports/<report_slug>/entries": REPORT,
    **{
        f"/companies/<slug>/reports/<report_slug>/versions/<int:number>{what}": why
        for what, why in {
            "": "as the newest one; tests/reports looks at it",
            "/entries": "as those of the newest one",
            "/entries.csv": FILE,
            ".csv": FILE,
            ".json": FILE,
            ".pdf": FILE,
        }.items()
    },
    "/companies/<slug>/reports/<report_slug>/entries.csv": FILE,
    "/companies/<slug>/reports/<report_slug>.csv": FILE,
    "/companies/<slug>/reports/<report_slug>.json": FILE,
    "/companies/<slug>/reports/<report_slug>.pdf": FILE,
    "/company/<slug>/import/<uuid:run_id>": "TestImport brings a file first",
    "/company/<slug>/import/<uuid:run_id>/refused.csv": FILE,
    **{
        f"{desk}/{what}": why
        for desk in ("/company/<slug>", "/project-desk/<slug>")
        for what, why in {
            "receiving/back": "leads on to the page before, once the provider was asked",
            "receiving/again": "leads on to the page before",
            "statements/<month>.csv": FILE,
            "statements/<month>.pdf": FILE,
        }.items()
    },
    "/sign-in/code": "TestSecondStep signs in up to it",
    "/sign-up/<token>": LETTER,
    "/reset-password/<token>": LETTER,
    "/account/email/<token>": "one button; tests/accounts looks at it",
    "/invitation/<token>": "a question and a button; tests/accounts looks at it",
    "/unfollow/<token>": "one button; tests/following looks at it",
    "/projects/<slug>/updates.<any(atom,json):kind>": FILE,
    "/projects/updates.<any(atom,json):kind>": FILE,
    "/companies/<slug>/news.<any(atom,json):kind>": FILE,
    "/people/<slug>/news.<any(atom,json):kind>": FILE,
    "/news.<any(atom,json):kind>": FILE,
    "/projects/<slug>/dates.ics": FILE,
    "/share/<any(projects,companies,products,teams):kind>/<slug>.png": FILE,
    "/share/companies/<slug>/reports/<report_slug>.png": FILE,
    "/share/<any(projects,companies):kind>/<slug>/poster.pdf": FILE,
    "/embed/<any(projects,companies):kind>/<slug>.svg": FILE,
    "/embed/<any(projects,companies,products,teams):kind>/<slug>": FRAMED,
    "/embed/companies/<slug>/reports/<report_slug>": FRAMED,
    "/oembed": PROGRAM,
    "/receipt/<token>.json": FILE,
    "/receipt/<token>/invoices/<uuid:invoice_id>.pdf": FILE,
    "/receipt/<token>/gifts/<uuid:receipt_id>.pdf": FILE,
    "/account/gifts/<int:year>.pdf": FILE,
    "/company/<slug>/orders/<number>/papers": "a list of files; tests/papers looks at it",
    "/company/<slug>/orders/<number>/papers/<uuid:invoice_id>.pdf": FILE,
    "/account/pools/<pool_slug>/paid/<uuid:payment_id>": "leads back to the pool's page",
    "/receipt/<token>/forget": "is a guest's; tests/privacy looks at it",
    "/receipt/<token>/choice": "needs a fresh purchase; tests/orders looks at it",
    "/art/<kind>/<path:rest>.svg": FILE,
    "/teams/<slug>/news.<any(atom,json):kind>": FILE,
    "/teams/invitation/<token>": "as the page on which one joins; tests/community looks at it",
    "/impact/shared/<token>": "needs a link that somebody made; tests/community looks at it",
    "/impact/shared/<token>/<int:year>": "the same",
    "/impact/shared/<token>/<int:year>.png": FILE,
    "/account/impact/<int:year>.png": FILE,
    "/media/<name>": FILE,
    "/papers/<name>": FILE,
    "/project-desk/<slug>/verification/papers/<uuid:paper_id>/file": FILE,
    "/company/<slug>/verification/papers/<uuid:paper_id>/file": FILE,
    "/staff/<any(companies,projects):kind>/<slug>/verification/papers/<uuid:paper_id>/file": FILE,
    "/concerns/<token>": "needs a fresh concern; tests/verification looks at it",
    "/projects/<slug>/needs/<uuid:need_id>": "tests/planning looks at it",
    "/project-desk/<slug>/spending/template.csv": FILE,
    "/project-desk/<slug>/outcomes/<uuid:outcome_id>": "needs a draft; tests/outcomes looks at it",
    "/robots.txt": FILE,
    "/sitemap.xml": FILE,
    "/account/second-factor/recovery-codes": "shows itself once, after a second factor is set",
    "/receipt/<token>/proof.json": FILE,
    "/solvency.json": FILE,
    "/projects/<slug>/money.csv": FILE,
    "/projects/<slug>/money.json": FILE,
    "/companies/<slug>/money.csv": FILE,
    "/companies/<slug>/money.json": FILE,
    "/open-data/<name>": FILE,
    "/open-data/dcat.jsonld": FILE,
    "/log/checkpoint": PROGRAM,
    "/log/tile/<level>/<path:place>": PROGRAM,
    "/log/tile/entries/<path:place>": PROGRAM,
    "/project-desk/<slug>/updates/<uuid:update_id>": "two forms; tests/corrections looks at it",
    "/projects/<slug>/updates/<uuid:update_id>/versions": "needs a correction; the same",
    "/.well-known/webfinger": PROGRAM,
    "/.well-known/nodeinfo": PROGRAM,
    "/nodeinfo/2.1": PROGRAM,
    "/federation/actor": PROGRAM,
    "/federation/actor/outbox": PROGRAM,
    "/federation/projects/<uuid:project_id>": PROGRAM,
    "/federation/projects/<uuid:project_id>/outbox": PROGRAM,
    "/federation/projects/<uuid:project_id>/followers": PROGRAM,
    "/federation/projects/<uuid:project_id>/following": PROGRAM,
    "/federation/updates/<uuid:update_id>": PROGRAM,
    "/healthz": PROGRAM,
    "/readyz": PROGRAM,
    "/metrics": PROGRAM,
}


def is_for_programs(route: str) -> bool:
    """Tell whether a route speaks JSON."""
    return route.startswith("/api/v1/") and not route.startswith("/api/v1/docs")


def routes() -> set[str]:
    """Return every GET route that the golden file of access names."""
    text = (cluster.CHECKOUT / "tests/golden/access.txt").read_text()
    return set(re.findall(r"^\w+ +GET\S* +(\S+)$", text, re.MULTILINE))
