"""What axe finds on a page: put in once for each document, and asked only for what is wrong."""

from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RUN = """async (rules) => {
  const options = { resultTypes: ["violations"], preload: false };
  if (rules.length) options.runOnly = { type: "rule", values: rules };
  const found = await axe.run({ exclude: ["#api-docs"] }, options);
  return found.violations.map((one) => ({
    id: one.id, help: one.help, where: one.nodes.map((node) => node.target.join(" ")).slice(0, 5),
    why: one.nodes[0].failureSummary,
  }));
}"""
"""Without `preload` axe asks for no style sheet a second time; the rule that needs it is about
phones that may not be turned, and ours may. `#api-docs` is a library's, for programmers: the same
stands in plain words on `/api/v1/docs`."""


LIBRARY = {"/api/v1/docs/try": {"landmark-no-duplicate-main"}}
"""What the library of a page does to the page as a whole: it brings a main part of its own."""


def violations(page: Page, *, only: str = "") -> str:
    """Return what axe finds on a page, as a text; "" is good. `only` names one rule."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found: list[Any] = page.evaluate(RUN, [only] if only else [])  # Any: JSON
    known = LIBRARY.get(urlsplit(page.url).path, set())
    return "\n".join(
        f"{page.url}: {one['id']}: {one['help']}\n  {one['where']}\n  {one['why']}"
        for one in found
        if one["id"] not in known
    )
