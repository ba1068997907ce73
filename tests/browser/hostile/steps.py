"""Everything that people write: every form that a page shows, then the longer ways."""

import re
from collections.abc import Callable

from marketplace.demo import world
from tests.browser.addresses import GUEST, PAGES, PROJECT
from tests.browser.hostile.crawl import links_of, walk
from tests.browser.hostile.ends import ENDS
from tests.browser.hostile.market import Market
from tests.browser.hostile.payloads import Pen
from tests.browser.hostile.ways import WAYS, run_jobs

__all__ = ["places_of", "run_jobs", "starts_of", "world", "write_everywhere"]


def starts_of(market: Market) -> list[tuple[str, str]]:
    """Return every page that is known by name, those behind a link by what the link says."""
    about = f"/projects/{PROJECT}"
    found = [(world.SHOPPER, about), (world.OWNER, f"{about}/updates")]
    for page in PAGES:
        path = page.start
        if page.link:
            leads = links_of(market.open(page.who, path))
            path = next((one for one in leads if market.rule_of(one) == page.route), path)
        found.append((page.who, path))
    return found


def write_everywhere(market: Market, pen: Pen) -> None:
    """Fill in every form that somebody can reach, and walk the longer ways."""
    starts = starts_of(market)
    for who, path in starts:
        market.fill_page(pen, who, path)
    for who, path in walk(market, starts, samples=1):
        market.fill_page(pen, who, path)
    for step in (*WAYS, *ENDS):
        step(market, pen)


SOME_ID = "0199e000-0000-7000-8000-000000000000"
ENDS_SESSIONS = frozenset({"/sign-out", "/account/erase", "/account/sessions/revoke-others"})


def places_of(
    market: Market, answers: dict[tuple[str, str], object]
) -> Callable[..., list[tuple[str, str]]]:
    """Return a function that gives addresses of a route, as those who may use it.

    The values come from the addresses that were walked: `/a/<slug>/b` has the slug of `/a/<slug>`.
    """
    rules = {one.rule: one for one in market.app.url_map.iter_rules()}
    given: dict[str, dict[str, str]] = {}
    for who, path in answers:
        rule = market.rule_of(path)
        pattern = re.sub(r"<[^>]*?(\w+)>", r"(?P<\1>[^/?]+)", re.sub(r"\.(?=\w+$)", r"\\.", rule))
        if found := re.match(pattern, path.split("?")[0]):
            first = rule.split("/")[1]
            for name, value in found.groupdict().items():
                given.setdefault(f"{who} {first}", {}).setdefault(name, value)

    def of(rule: str, number: str = "1") -> list[tuple[str, str]]:
        access = getattr(market.app.view_functions[rules[rule].endpoint], "access", "")
        first = rule.split("/")[1]
        desks = {"company": world.MEMBER, "project-desk": world.OWNER, "staff": world.OPERATOR}
        whoever = [desks[first]] if first in desks else [world.SHOPPER]
        if access == "public":
            whoever.append(GUEST)
        found = []
        for who in whoever:
            values = given.get(f"{who} {first}", {}) | given.get(f" {first}", {})
            values |= dict.fromkeys(re.findall(r"<int:(\w+)>", rule), number)
            place = re.sub(
                r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
                lambda part, had=values: had.get(part[2], SOME_ID if part[1] == "uuid" else "x"),
                rule,
            )
            found.append((who, place))
        return found

    return of
