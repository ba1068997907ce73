"""The four jobs, done in a browser on a marketplace that runs; then the books are proved."""

import io
import re
import time

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from marketplace.demo import world
from tests.browser import people
from tests.browser.people import cents

PATIENCE_SECONDS = 60
TRACKING = "RB123456785IT"


@pytest.fixture(scope="module", autouse=True)
def _the_books_hold(site):
    yield
    code, said = site.command("check")
    assert code == 0, said


def _matrix(page: Page) -> tuple[list[list[int]], list[int]]:
    """Return the amounts of the receipt's matrix: one row for each company, and the totals."""
    table = page.locator("table.matrix")
    rows = [
        [cents(text) for text in row.locator("td").all_inner_texts()]
        for row in table.locator("tbody tr").all()
    ]
    totals = table.locator("tfoot tr").first.locator("td").all_inner_texts()
    return rows, [cents(text) for text in totals]


def table_row(page: Page, name: str) -> list[int]:
    """Return the amounts of a row below the matrix; none where there is no such row."""
    row = page.locator("table.matrix tfoot tr").filter(has_text=name)
    return [cents(text) for text in row.locator("td").all_inner_texts()]


def _assert_adds_up(page: Page, amounts: list[int]) -> None:
    rows, totals = _matrix(page)
    assert totals == [*amounts, sum(amounts)]
    assert [sum(column) for column in zip(*rows, strict=True)] == totals
    assert all(sum(row[:-1]) == row[-1] for row in rows)
    matched = [0] * len(amounts)
    added = table_row(page, "Matched by sponsors")
    if added:
        matched = added[:-1]
    lanes = page.locator(".trace__head .money--big").all_inner_texts()
    assert [cents(text) for text in lanes] == [
        chosen + more for chosen, more in zip(amounts, matched, strict=True)
    ]
    paid = page.locator(".paper .ledger__row dd").all_inner_texts()
    *parts, total = [cents(text) for text in paid]
    assert sum(parts) == total


def _typed(page: Page) -> list[int]:
    return [cents(f"€{box.input_value()}") for box in page.get_by_role("spinbutton").all()]


def _reload_until(page: Page, text: str) -> None:
    """Look again until the worker has done its part."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"{text!r} never came to {page.url}")


@pytest.fixture(scope="module")
def purchase(site, chromium):
    """Return a guest's purchase, made with JavaScript."""
    context = chromium.new_context(base_url=site.url, locale="en")
    yield people.buy(context.new_page())
    context.close()


class TestShopper:
    @pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
    def test_buys_from_two_companies_for_three_projects(self, visit, site, has_script):
        page = visit("desktop" if has_script else "phone", java_script_enabled=has_script)
        people.fill_basket(page)
        expect(page.locator(".line")).to_have_count(2)
        people.say_delivery(page)
        amounts = people.choose_three(page)
        people.go_and_pay(page)
        people.show_card(page, people.DECLINED_CARD)
        expect(page.get_by_role("alert")).to_contain_text("declined")
        people.show_card(page, people.GOOD_CARD)
        bought = people.read_receipt(page)
        _assert_adds_up(page, amounts)
        assert site.sends(bought.number)

    def test_buys_without_a_mouse_and_sees_where_the_keys_are(self, visit):
        page = visit()
        page.goto("/products")
        slug, title = people.companies()[0]["products"][0][:2]
        people.tab_to(page, page.locator("#q"), title)
        people.tab_to(page, page.locator(f"main a[href='/products/{slug}']").first)
        people.tab_to(page, page.get_by_role("button", name="Add to basket"))
        people.tab_to(page, page.get_by_role("link", name="Go to delivery"))
        for label, text in people.ADDRESS.items():
            people.tab_to(page, page.get_by_label(label, exact=True), text, key="")
        people.tab_to(page, page.get_by_label("Country"), "Italy", key="")
        people.tab_to(page, page.get_by_role("button", name="Go on to the projects"))
        slider = page.get_by_role("slider").first
        people.tab_to(page, slider, key="")
        page.keyboard.press("End")
        assert sum(_typed(page)) == int(slider.get_attribute("max"))
        people.tab_to(page, page.get_by_role("button", name="Continue to payment"))
        people.tab_to(page, page.get_by_role("button", name="Order and pay"))
        page.wait_for_url("**/pay/**")
        for name, text in people.card(people.GOOD_CARD).items():
            people.tab_to(page, page.locator(f"#{name}"), text, key="")
        people.tab_to(page, page.locator("form button[type=submit]"))
        assert people.read_receipt(page).number

    def test_moves_a_slider_and_the_rest_follows(self, visit):
        page = visit("phone")
        people.put_two_in_basket(page)
        people.say_delivery(page)
        total = int(page.locator("[data-split]").get_attribute("data-split"))
        page.get_by_role("slider").first.press("End")
        assert _typed(page) == [total, *[0] * (page.locator("[data-alloc]").count() - 1)]
        page.get_by_role("button", name="Split equally").click()
        assert sum(_typed(page)) == total
        assert max(_typed(page)) - min(_typed(page)) <= 1

    def test_who_leaves_the_payment_page_pays_nothing(self, visit):
        page = visit()
        people.put_two_in_basket(page)
        people.say_delivery(page)
        people.press(page, page.get_by_role("button", name="Continue to payment"))
        people.go_and_pay(page)
        people.press(page, page.locator("form ~ p a"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was charged")
        people.press(page, page.get_by_role("link", name="Change the basket"))
        expect(page.locator(".line")).to_have_count(2)


class TestProjectOwner:
    def test_posts_an_update_that_everybody_sees_at_once(self, signed_in, visit):
        page = signed_in(world.OWNER)
        page.goto("/project-desk/riwa-springs")
        page.get_by_label("Title", exact=True).fill("The seventh spring is fenced")
        page.get_by_label("What happened").fill("Goats can no longer reach the water.")
        page.get_by_label("Photo 1", exact=True).set_input_files(
            {"name": "spring.jpg", "mimeType": "image/jpeg", "buffer": _photo()}
        )
        page.get_by_label("What photo 1 shows").fill("A stone fence around a spring")
        people.press(page, page.get_by_role("button", name="Publish", exact=True))
        public = visit()
        public.goto("/projects/riwa-springs")
        expect(public.get_by_text("The seventh spring is fenced").first).to_be_visible()
        public.goto("/projects/riwa-springs/updates")
        photo = public.get_by_role("img", name="A stone fence around a spring").first
        photo.scroll_into_view_if_needed()
        public.wait_for_function(
            "image => image.complete && image.naturalWidth > 0", arg=photo.element_handle()
        )


def _photo() -> bytes:
    image = Image.new("RGB", (1200, 800), "#7a8f6a")
    ImageDraw.Draw(image).ellipse((400, 250, 800, 600), fill="#3d6f8a")
    kept = io.BytesIO()
    image.save(kept, "JPEG")
    return kept.getvalue()


class TestCompanyMember:
    def test_sees_the_order_and_marks_it_sent(self, signed_in, visit, purchase, site):
        page = signed_in(world.MEMBER)
        page.goto(f"/company/{people.companies()[0]['slug']}/orders")
        people.press(page, page.get_by_role("link", name=re.compile(purchase.number)))
        page.get_by_label("Tracking number or link").fill(TRACKING)
        people.press(page, page.get_by_role("button", name="Mark as sent"))
        expect(page.get_by_text(f"Tracking: {TRACKING}")).to_be_visible()
        shopper = visit()
        shopper.goto(purchase.receipt)
        expect(shopper.get_by_text(TRACKING)).to_be_visible()
        assert site.sends(TRACKING)

    def test_publishes_a_report_that_anybody_can_take_away(self, signed_in, visit):
        slug = people.companies()[0]["slug"]
        page = signed_in(world.MEMBER)
        people.begin_report(page, slug, "What we gave this year")
        address = people.publish_report(page, signed_in(people.SECOND_MEMBER), slug)
        reader = visit()
        assert reader.goto(address).status == 200
        expect(reader.get_by_text("Two parcels left a week late.")).to_be_visible()
        _assert_taken_away(reader, address)


def _assert_taken_away(reader: Page, address: str) -> None:
    pdf = reader.request.get(f"{address}.pdf")
    assert pdf.status == 200
    assert pdf.body().startswith(b"%PDF-")
    table = reader.request.get(f"{address}.csv")
    assert len(table.text().splitlines()) > 1
    assert reader.request.get(f"{address}.json").json()


class TestOperator:
    def test_is_asked_for_a_second_factor(self, visit):
        page = visit()
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(world.OPERATOR)
        page.get_by_label("Password").fill(world.PASSWORD)
        people.press(page, page.locator("main").get_by_role("button", name="Sign in"))
        page.get_by_label("Six digits").fill("000000")
        people.press(page, page.locator("main").get_by_role("button", name="Sign in"))
        expect(page.get_by_label("Six digits")).to_have_attribute("aria-invalid", "true")
        assert page.goto("/staff").url.endswith("/sign-in?next=/staff")

    def test_gives_one_line_back(self, signed_in, visit, purchase):
        page = signed_in(world.OPERATOR)
        page.goto("/staff/orders")
        people.press(page, page.get_by_role("link", name=purchase.number))
        theirs = people.companies()[1]["products"][0][1]  # the first company has its own to send
        page.get_by_label(re.compile(rf"^{re.escape(theirs)}")).fill("1")
        page.get_by_label("Reason").fill("Torn at the seam")
        people.press(page, page.get_by_role("button", name="Give these back"))
        shopper = visit()
        shopper.goto(purchase.receipt)
        _reload_until(shopper, "given back on")
        expect(shopper.get_by_text("Torn at the seam")).to_be_visible()
