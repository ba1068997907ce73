"""Every address that can be asked for: what the pages lead to, a sample of each route."""

import re
from collections import Counter, deque
from collections.abc import Iterable
from html import unescape

from werkzeug.test import TestResponse

from tests.browser.hostile.market import Market

LINK = re.compile(r"""(?:href|src|data-src|content|action)\s*=\s*"([^"]*)\"""")
FEED_LINK = re.compile(r"https?://localhost(/[^\s\"'<>\\]*)")

Asked = tuple[str, str]
"""Who asks, and the path."""


def walk(market: Market, starts: Iterable[Asked], *, samples: int) -> dict[Asked, TestResponse]:
    """Ask for the starts and what they lead to, so many addresses of each route."""
    readable = {one.rule for one in market.app.url_map.iter_rules() if "GET" in (one.methods or ())}
    queue = deque(dict.fromkeys(starts))
    seen, found = set(queue), {}
    count = Counter(market.rule_of(path) for _who, path in queue)
    while queue:
        who, path = queue.popleft()
        answer = market.open(who, path)
        if answer.status_code >= 400 or "/sign-in" in (answer.location or ""):
            count[market.rule_of(path)] -= 1  # somebody else may come so far
            continue
        found[who, path] = answer
        for link in [answer.location] if answer.location else links_of(answer):
            leads = market.rule_of(link)
            place = re.sub(r"^https?://localhost", "", link).split("#")[0]
            is_ours = leads in readable and re.match(r"/(?!/)", place)
            if is_ours and (who, place) not in seen and count[leads] < samples:
                seen.add((who, place))
                count[leads] += 1
                queue.append((who, place))
    return found


def links_of(answer: TestResponse) -> list[str]:
    """Return the addresses that an answer names."""
    if answer.mimetype == "text/html":
        return [unescape(link) for link in LINK.findall(answer.text)]
    if "json" in answer.mimetype or "xml" in answer.mimetype:
        return FEED_LINK.findall(answer.text)
    return []
