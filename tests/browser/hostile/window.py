"""A real browser that asks this process instead of a server, and notes whatever runs in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Page, Route
from werkzeug.test import TestResponse

from tests.browser.hostile.market import Market
from tests.browser.hostile.payloads import CALL, SUM_DONE

HOME = "http://localhost"
NEVER_ANSWERED = {"font", "media"}
MOST_REDIRECTS = 5

LISTEN = f"""
window.__ran = [];
for (const name of ["{CALL}", "alert", "confirm", "prompt", "print"])
  window[name] = (...all) => window.__ran.push([name, ...all].join(" ").slice(0, 80));
"""

LOOK = """() => {
  const found = [...window.__ran];
  const scheme = /^\\s*(javascript|data|vbscript):/i;
  const given = ["href", "src", "action", "formaction", "data", "xlink:href", "poster", "srcdoc"];
  for (const one of document.querySelectorAll("*")) {
    const name = one.localName;
    for (const {name: key, value} of one.attributes) {
      const link = value.replace(/[\\u0000-\\u0020]/g, "");
      if (/^on/i.test(key)) found.push(`<${name} ${key}>`);
      else if (key === "style") found.push(`<${name} style=${value.slice(0, 60)}>`);
      else if (given.includes(key) && scheme.test(link) && !link.startsWith("data:image/"))
        found.push(`<${name} ${key}=${value.slice(0, 60)}>`);
    }
    if (/^(script)$/.test(name) && !one.src && !/json/.test(one.type))
      found.push(`<script> ${one.textContent.slice(0, 60)}`);
    if (/^(iframe|object|embed|base|math|marquee|video|audio|frame)$/.test(name))
      found.push(`<${name}> ${one.outerHTML.slice(0, 80)}`);
    if (name === "meta" && one.httpEquiv === "refresh") found.push("<meta refresh>");
  }
  for (const one of document.querySelectorAll('script[type*="json"]'))
    try { JSON.parse(one.textContent); } catch (error) { found.push(`JSON-LD: ${error}`); }
  return found;
}"""


class Window:
    """A window of one person; no policy protects it: what gets in runs."""

    def __init__(self, browser: Browser, market: Market, who: str) -> None:
        self.market, self.who = market, who
        self.found: list[str] = []
        context = browser.new_context(locale="en", bypass_csp=True)
        context.add_init_script(LISTEN)
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.found.append(f"an error: {error}"))
        self.page.on("dialog", self._dismiss)

    def look_at(self, path: str) -> list[str]:
        """Open a page; return what ran in it, or stands in it and could."""
        self.found = []
        self.page.goto(f"{HOME}{path}", wait_until="load")
        self.found += self.page.evaluate(LOOK)
        self.found += [SUM_DONE] if SUM_DONE in self.page.content() else []
        if urlsplit(self.page.url)[:2] != urlsplit(HOME)[:2]:
            self.found.append(f"went to {self.page.url}")
        return [f"{path} ({self.who or 'a guest'}): {one}" for one in self.found]

    def close(self) -> None:
        """Close it."""
        self.page.context.close()

    def _dismiss(self, dialog: Any) -> None:  # Any: Playwright's
        self.found.append(f"a dialog: {dialog.message[:60]}")
        dialog.dismiss()

    def _answer(self, route: Route) -> None:
        asked = route.request
        if not asked.url.startswith((f"{HOME}/", "data:", "blob:")):
            self.found.append(f"a request to a stranger: {asked.url[:100]}")
            route.abort()
        elif asked.resource_type in NEVER_ANSWERED or asked.method != "GET":
            route.abort()
        elif asked.resource_type in ("image", "stylesheet"):
            route.fulfill(status=204)
        else:
            answer = self._followed(asked.url)
            kept = {"content-type": answer.headers.get("Content-Type", "text/plain")}
            route.fulfill(status=answer.status_code, headers=kept, body=answer.data)

    def _followed(self, address: str) -> TestResponse:
        """Return the answer at the end of redirects: the browser would ask the network for them."""
        answer = self.market.open(self.who, address)
        for _ in range(MOST_REDIRECTS):
            if not answer.location:
                break
            address = urljoin(address, answer.location)
            if not address.startswith(f"{HOME}/"):
                self.found.append(f"went to {address[:100]}")
                break
            answer = self.market.open(self.who, address)
        return answer


@contextmanager
def windows(browser: Browser, market: Market) -> Iterator[Any]:  # Any: a function
    """Give a function that returns somebody's window."""
    opened: dict[str, Window] = {}

    def of(who: str) -> Window:
        if who not in opened:
            opened[who] = Window(browser, market, who)
        return opened[who]

    yield of
    for window in opened.values():
        window.close()
