import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout.models import Basket, BasketLine
from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.giving import service as giving
from marketplace.orders.models import Order, OrderState
from marketplace.projects.models import ProjectState
from marketplace.verification.models import Verification
from marketplace.verification.rules import Level
from tests import factories
from tests.checkout.shopper import ADDRESS, Shopper
from tests.statements import statements

TAKES_NOTHING = [
    ProjectState.FULL,
    ProjectState.PAUSED,
    ProjectState.CLOSED,
    ProjectState.SUSPENDED,
]


@pytest.fixture
def shopper(client):
    return Shopper(client)


@pytest.fixture
def towel(db):
    """Gives 8% of 30.00 net: 2.40."""
    company = factories.make_company(name="Tessitura Arbosca", shipping_minor=490)
    return factories.make_product(company, title="Linen towel", price_minor=3660)


@pytest.fixture
def tote(db):
    """Gives 5.00 per piece."""
    company = factories.make_company(name="Voilerie Kerguen", pledge_bp=None, pledge_unit_minor=500)
    return factories.make_product(company, title="Sailcloth tote", price_minor=5900)


@pytest.fixture
def springs(db):
    return factories.make_project(title="Eight springs")


@pytest.fixture
def workshop(db):
    return factories.make_project(title="Repair workshop")


def basket_of(db):
    return db.scalar(sa.select(Basket))


def the_order(db):
    return db.scalars(sa.select(Order)).one()


class TestBasket:
    def test_is_empty_and_makes_no_cookie_before_something_is_in_it(self, client):
        answer = client.get("/basket")
        assert "Your basket is empty" in answer.text
        assert client.get_cookie("basket") is None

    def test_is_grouped_by_company_with_its_promise(self, shopper, towel, tote):
        assert shopper.puts(towel, 2).status_code == 303
        shopper.puts(tote)
        page = shopper.get("/basket").text
        assert "Tessitura Arbosca gives 8% of the price excluding VAT." in page
        assert "Voilerie Kerguen gives €5.00 per item." in page
        assert "2 companies give €9.80 of this" in page
        assert "€137.10" in page  # 2 × 36.60 + 59.00 + 4.90

    def test_keeps_its_token_in_a_cookie_that_scripts_cannot_read(self, shopper, towel):
        cookie = shopper.puts(towel).headers["Set-Cookie"]
        assert cookie.startswith("basket=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_takes_a_form_without_a_token_as_cached_pages_have_none(self, client, towel):
        data = {"variant_id": str(towel.variants[0].id)}
        assert client.post("/basket", data=data, token=False).status_code == 303

    def test_refuses_a_form_of_another_site(self, client, towel):
        data = {"variant_id": str(towel.variants[0].id)}
        answer = client.post("/basket", data=data, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403

    def test_counts_its_pieces_on_every_page(self, shopper, towel):
        shopper.puts(towel, 3)
        count = re.search(r'tool__count">(\d+)<', shopper.get("/basket").text)
        assert count[1] == "3"

    def test_changes_quantities_and_takes_lines_away(self, shopper, towel, db):
        shopper.puts(towel, 2)
        variant = str(towel.variants[0].id)
        for do, quantity, expected in [("more", 2, 3), ("fewer", 3, 2), ("set", 7, 7)]:
            shopper.post("/basket/change", variant_id=variant, quantity=quantity, do=do)
            assert db.scalar(sa.select(BasketLine.quantity)) == expected
        shopper.post("/basket/change", variant_id=variant, quantity=7, do="remove")
        assert "Your basket is empty" in shopper.get("/basket").text

    def test_says_how_many_are_left_where_more_are_wanted(self, shopper, towel):
        answer = shopper.puts(towel, 11)
        assert answer.status_code == 409
        assert "There are only 10 pieces left" in answer.text

    def test_refuses_what_is_not_for_sale_and_what_is_not_a_number(self, shopper, towel):
        assert shopper.post("/basket", variant_id=str(towel.id)).status_code == 404
        assert shopper.post("/basket", variant_id="1").status_code == 422
        variant = str(towel.variants[0].id)
        assert shopper.post("/basket", variant_id=variant, quantity="-1").status_code == 422

    def test_says_what_to_do_with_a_line_that_became_short(self, shopper, towel, db):
        shopper.puts(towel, 5)
        towel = db.get(type(towel), towel.id)
        db.execute(sa.text("update variant set on_hand = 2"))
        page = shopper.get("/basket").text
        assert "Only 2 pieces are left" in page
        assert "Go to delivery" not in page
        assert shopper.get("/checkout/delivery").location == "/basket"

    def test_goes_to_who_signs_in_with_what_lay_in_their_older_one(
        self, app, client, shopper, towel, tote, sign_in, db
    ):
        user = factories.make_user()
        before = app.test_client()
        sign_in(before, user)
        Shopper(before).puts(tote)
        shopper.puts(towel)
        sign_in(client, user)
        page = shopper.get("/basket").text
        assert "Linen towel" in page
        assert "Sailcloth tote" in page
        assert db.scalar(sa.select(sa.func.count()).select_from(Basket)) == 1

    def test_of_somebody_who_signed_out_is_not_shown(self, client, shopper, towel, sign_in):
        sign_in(client, factories.make_user())
        shopper.puts(towel)
        with client.session_transaction() as cookie:
            cookie.clear()
        page = shopper.get("/basket").text
        assert "Your basket is empty" in page
        assert 'tool__count">0<' in page


class TestDelivery:
    def test_names_each_missing_field_and_keeps_what_was_typed(self, shopper, towel):
        shopper.puts(towel)
        answer = shopper.says_address(email="nobody", street="", country="XX")
        assert answer.status_code == 422
        assert "Write an e-mail address such as" in answer.text
        assert "Write the street and the number." in answer.text
        assert "Choose a country we deliver to." in answer.text
        assert 'value="Elena Rossi"' in answer.text

    def test_keeps_what_was_said(self, shopper, towel):
        shopper.puts(towel)
        assert shopper.says_address().location == "/checkout/projects"
        assert 'value="Via Po 1"' in shopper.get("/checkout/delivery").text

    def test_names_countries_in_the_page_s_language(self, client, towel):
        shopper = Shopper(client, "/fr")
        shopper.puts(towel)
        assert "Allemagne" in shopper.get("/checkout/delivery").text

    def test_is_filled_in_for_who_is_signed_in(self, client, shopper, towel, sign_in):
        sign_in(client, factories.make_user(email="me@example.org", name="Me Myself"))
        shopper.puts(towel)
        page = shopper.get("/checkout/delivery").text
        assert 'value="me@example.org"' in page
        assert 'value="Me Myself"' in page

    def test_needs_a_basket_first(self, shopper):
        assert shopper.get("/checkout/delivery").location == "/basket"
        assert shopper.says_address().location == "/basket"


class TestProjects:
    @pytest.fixture
    def shopper(self, shopper, towel, tote, springs, workshop):
        shopper.puts(towel)
        shopper.puts(tote)  # 2.40 + 5.00 = 7.40
        shopper.says_address()
        return shopper

    def test_need_an_address_first(self, client, towel):
        shopper = Shopper(client)
        shopper.puts(towel)
        assert shopper.get("/checkout/projects").location == "/checkout/delivery"

    def test_propose_the_newest_where_nobody_chose(self, shopper, workshop):
        page = shopper.get("/checkout/projects").text
        assert "Choose where €7.40 goes" in page
        assert "Repair workshop" in page
        assert shopper.amounts() == ["7.40"]

    def test_propose_the_companies_own_where_they_have_some(self, shopper, towel, springs):
        giving.set_defaults(company_id=towel.company_id, project_ids=[springs.id])
        assert "Eight springs" in shopper.get("/checkout/projects").text

    def test_propose_what_a_person_chose_last(self, shopper, client, springs, workshop, sign_in):
        user = factories.make_user()
        giving.remember(user_id=user.id, project_ids=[springs.id, workshop.id], weights=[3, 1])
        sign_in(client, user)
        assert shopper.amounts() == ["5.55", "1.85"]

    def test_show_each_company_s_exact_sentence(self, shopper):
        page = shopper.get("/checkout/projects").text
        assert (
            "Tessitura Arbosca gives 8% of the price excluding VAT. "
            "€2.40 of this purchase goes to the projects you choose." in page
        )

    def test_start_with_no_gift_of_one_s_own_and_no_name_shown(self, shopper):
        page = shopper.get("/checkout/projects").text
        assert re.search(r'name="top_up" value="0" checked', page)
        assert not re.search(r'name="show_name"[^>]*checked', page)

    @pytest.mark.parametrize(
        ("button", "expected"),
        [
            ({"do": "equal"}, ["3.70", "3.70"]),
            ({"whole": "workshop"}, ["0.00", "7.40"]),
            ({"nudge": ("springs", 10)}, ["5.10", "2.00"]),
            ({"nudge": ("springs", -10)}, ["4.90", "2.00"]),
            ({"rest": "workshop"}, ["5.00", "2.40"]),
            ({"remove": "springs"}, ["7.40"]),
            ({"do": "update"}, ["5.00", "2.00"]),
            ({"nudge": "nonsense"}, ["5.00", "2.00"]),
        ],
    )
    def test_answer_each_button(self, shopper, springs, workshop, button, expected):
        ids = {"springs": str(springs.id), "workshop": str(workshop.id)}
        pressed = {
            name: f"{ids[value[0]]}:{value[1]}"
            if isinstance(value, tuple)
            else ids.get(value, value)
            for name, value in button.items()
        }
        answer = shopper.presses({springs: "5.00", workshop: "2.00"}, **pressed)
        assert answer.status_code == 303
        assert shopper.amounts() == expected

    def test_say_what_is_left_to_place(self, shopper, springs, workshop):
        answer = shopper.chooses({springs: "5.00", workshop: "2.18"})
        assert answer.status_code == 422
        assert "Place the last €0.22, or give it to one project." in answer.text
        assert 'value="2.18"' in answer.text

    def test_say_what_is_too_much(self, shopper, springs):
        answer = shopper.chooses({springs: "8.00"})
        assert "Take €0.60 away" in answer.text

    def test_refuse_what_is_not_an_amount(self, shopper, springs, workshop):
        answer = shopper.chooses({springs: "-1", workshop: "8.401"})
        assert answer.status_code == 422
        assert answer.text.count("Write an amount such as €1.50.") == 4  # summary and rows

    def test_show_the_matrix_that_adds_up_both_ways(self, shopper, springs, workshop):
        shopper.presses({springs: "5.00", workshop: "2.40"}, do="update")
        table = re.search(r"<table.*?</table>", shopper.get("/checkout/projects").text, re.DOTALL)
        cells = re.findall(r"(\d+\.\d\d)<", table[0])
        assert cells == ["1.62", "0.78", "2.40", "3.38", "1.62", "5.00", "5.00", "2.40", "7.40"]

    def test_leave_out_the_table_while_amounts_do_not_add_up(self, shopper, springs):
        shopper.presses({springs: "1.00"}, do="update")
        assert (
            "The table appears when the amounts add up." in shopper.get("/checkout/projects").text
        )

    def test_are_found_and_added_from_a_list(self, shopper, springs, workshop):
        shopper.presses({workshop: "7.40"}, do="add")
        listed = shopper.get("/checkout/projects/more?q=springs").text
        assert "Eight springs" in listed
        assert "Repair workshop" not in listed
        shopper.post("/checkout/projects/more", project=str(springs.id))
        assert shopper.amounts() == ["3.70", "3.70"]

    def test_are_narrowed_by_cause(self, shopper, springs, db):
        slug = db.scalar(sa.text("select slug from cause where id = :id"), {"id": springs.cause_id})
        listed = shopper.get(f"/checkout/projects/more?cause={slug}").text
        assert "Eight springs" in listed
        assert "Repair workshop" not in listed

    def test_are_five_at_most(self, shopper, springs):
        chosen = {factories.make_project(): "1.48" for _ in range(5)}
        shopper.presses(chosen, do="update")
        answer = shopper.post("/checkout/projects/more", project=str(springs.id))
        assert answer.status_code == 409
        assert "five projects already" in answer.text
        shopper.presses({**chosen, springs: "0.00"}, do="update")
        assert len(shopper.amounts()) == 5

    @pytest.mark.parametrize("state", TAKES_NOTHING)
    def test_that_take_nothing_any_more_leave_their_part_to_the_others(
        self, shopper, springs, workshop, db, state
    ):
        shopper.presses({springs: "5.00", workshop: "2.40"}, do="update")
        db.execute(
            sa.text("update project set state = :state where title = 'Eight springs'"),
            {"state": state.value},
        )
        page = shopper.get("/checkout/projects").text
        assert "A project you had chosen takes no more money" in page
        assert shopper.amounts() == ["7.40"]
        assert shopper.get("/checkout/payment").location == "/checkout/projects"

    @pytest.mark.parametrize("state", TAKES_NOTHING)
    def test_that_take_nothing_cannot_be_added_and_are_not_listed(self, shopper, state):
        made = factories.make_project(state=state, title="Takes nothing")
        answer = shopper.post("/checkout/projects/more", project=str(made.id))
        assert answer.status_code == 409
        assert "Takes nothing" not in shopper.get("/checkout/projects/more").text

    def test_say_that_what_was_checked_has_lapsed_and_can_be_chosen(self, shopper, springs, db):
        operator = factories.make_user()
        today = clock.now().date()

        def decide(until, *, days_ago):
            row = Verification(
                id=new_id(), project_id=springs.id, level=Level.DECLARED,
                decided_by_id=operator.id, decided_at=clock.now() - timedelta(days=days_ago),
                valid_until=until,
            )  # fmt: skip
            db.add(row)
            db.commit()

        lapsed = "What we checked of it held until"
        shopper.presses({springs: "7.40"}, do="update")
        assert lapsed not in shopper.get("/checkout/projects").text
        decide(today - timedelta(days=1), days_ago=9)
        for page in ("/checkout/projects", "/checkout/projects/more"):
            assert shopper.get(page).text.count(lapsed) == 1
        assert shopper.get("/checkout/payment").status_code == 200
        decide(today, days_ago=1)
        for page in ("/checkout/projects", "/checkout/projects/more"):
            assert lapsed not in shopper.get(page).text

    def test_keep_their_proportions_when_the_basket_changes(
        self, shopper, towel, springs, workshop
    ):
        shopper.presses({springs: "5.55", workshop: "1.85"}, do="update")
        shopper.puts(towel)  # 2.40 more: 9.80
        assert shopper.amounts() == ["7.35", "2.45"]

    def test_let_the_companies_choose(self, shopper, tote, springs, workshop):
        giving.set_defaults(company_id=tote.company_id, project_ids=[springs.id])
        shopper.presses({workshop: "7.40"}, do="companies")
        assert "Eight springs" in shopper.get("/checkout/projects").text

    def test_add_a_gift_of_one_s_own_only_where_it_is_asked_for(self, shopper, springs):
        shopper.chooses({springs: "7.40"}, top_up="other", top_up_other="3.50")
        page = shopper.get("/checkout/payment").text
        assert "You give" in page
        assert "€104.00" in page  # 36.60 + 59.00 + 4.90 + 3.50

    def test_refuse_a_gift_that_is_no_amount(self, shopper, springs):
        answer = shopper.chooses({springs: "7.40"}, top_up="other", top_up_other="lots")
        assert answer.status_code == 422
        assert "choose “No, thank you”" in answer.text
        assert shopper.chooses({springs: "7.40"}, top_up="999999999").status_code == 422

    def test_ask_few_questions_of_the_database(self, shopper, engine, springs, workshop):
        shopper.presses({springs: "5.00", workshop: "2.40"}, do="update")
        with statements(engine) as asked:
            shopper.get("/checkout/projects")
        assert len(asked) <= 4, asked


class TestPayment:
    @pytest.fixture
    def shopper(self, shopper, towel, tote, springs, workshop):
        shopper.puts(towel)
        shopper.puts(tote)
        shopper.says_address()
        shopper.chooses({springs: "5.00", workshop: "2.40"})
        return shopper

    def test_shows_all_that_is_agreed(self, shopper):
        page = shopper.get("/checkout/payment").text
        assert "Via Po 1" in page
        assert "Voilerie Kerguen gives €5.00 per item." in page
        assert "Order and pay €100.50" in page

    def test_opens_the_page_of_the_provider(self, shopper, provider, db):
        answer = shopper.places()
        order = the_order(db)
        assert answer.status_code == 303
        assert answer.location == order.payment_url
        assert order.state is OrderState.PLACED
        assert (order.total_minor, order.share_minor, order.customer_id) == (10050, 740, None)
        assert order.email == ADDRESS["email"]

    def test_pressed_twice_finds_the_same_order(self, shopper, provider, db):
        fields = shopper.last_page()
        first = shopper.post("/checkout/payment", **fields)
        second = shopper.post("/checkout/payment", **fields)
        assert first.location == second.location == the_order(db).payment_url

    def test_refuses_another_total_than_was_seen(self, shopper, provider, db):
        answer = shopper.places(seen_total_minor=1)
        assert answer.status_code == 409
        assert "A price has changed since you looked" in answer.text
        assert db.scalar(sa.select(sa.func.count()).select_from(Order)) == 0

    def test_refuses_fields_that_it_did_not_ask_for(self, shopper, provider, db):
        assert shopper.places(total_minor=1).location == "/checkout/payment"
        assert db.scalar(sa.select(sa.func.count()).select_from(Order)) == 0

    def test_says_so_where_the_order_changed_in_another_window(self, shopper, towel, provider):
        fields = shopper.last_page()
        shopper.puts(towel)
        answer = shopper.post("/checkout/payment", **fields)
        assert answer.status_code == 409
        assert "Your order has changed since you opened this page" in answer.text

    def test_goes_back_to_the_basket_where_somebody_was_faster(self, shopper, provider, db):
        fields = shopper.last_page()
        db.execute(sa.text("update variant set on_hand = 0"))
        answer = shopper.post("/checkout/payment", **fields)
        assert answer.location == "/basket"
        assert "This is sold out for now" in shopper.get("/basket").text

    def test_frees_what_an_earlier_order_of_the_same_basket_holds(
        self, shopper, tote, provider, db
    ):
        db.execute(sa.text("update variant set on_hand = 1"))
        shopper.places()
        first = the_order(db).id
        shopper.says_address(city="Milano")
        answer = shopper.places()
        assert answer.status_code == 303
        states = dict(db.execute(sa.select(Order.id, Order.state)).all())
        assert states.pop(first) is OrderState.LAPSED
        assert list(states.values()) == [OrderState.PLACED]

    def test_left_says_that_nothing_was_charged(self, shopper, provider, db):
        shopper.places()
        order = the_order(db)
        page = shopper.get(f"/checkout/back/{order.token}").text
        assert "Nothing was charged" in page
        assert order.payment_url in page

    def test_of_a_lapsed_order_can_be_tried_again(self, shopper, provider, db):
        shopper.places()
        order = the_order(db)
        db.execute(sa.text("update customer_order set state = 'lapsed'"))
        assert "Order again" in shopper.get(f"/checkout/back/{order.token}").text
        assert shopper.places().status_code == 303
        assert db.scalar(sa.select(sa.func.count()).select_from(Order)) == 2

    def test_done_settles_empties_the_basket_and_shows_the_receipt(self, shopper, provider, db):
        back = provider.pay(shopper.places().location)
        order = the_order(db)
        path = back.removeprefix("http://localhost")
        assert path.startswith(f"/checkout/done/{order.token}?session_id=cs_")
        answer = shopper.get(path)
        assert answer.location == f"/receipt/{order.token}"
        assert the_order(db).state is OrderState.PAID
        assert "Your basket is empty" in shopper.get("/basket").text

    def test_asks_few_questions_of_the_database(
        self, shopper, provider, engine, db, towel, springs
    ):
        """Counted at the second purchase: the first opens the accounts of who sells and gets."""
        shopper.get(provider.pay(shopper.places().location).removeprefix("http://localhost"))
        shopper.puts(towel)
        shopper.says_address()
        shopper.chooses({springs: "2.40"})
        fields = shopper.last_page()
        with statements(engine) as placing:
            page = shopper.post("/checkout/payment", **fields).location
        back = provider.pay(page).removeprefix("http://localhost")
        with statements(engine) as settling:
            receipt = shopper.get(back).location
        with statements(engine) as reading:
            assert shopper.get(receipt).status_code == 200
        assert len(placing) <= 9, placing
        assert len(settling) <= 8, settling
        assert len(reading) <= 4, reading

    def test_done_with_the_session_of_another_order_settles_nothing(self, shopper, provider, db):
        back = provider.pay(shopper.places().location)
        order = the_order(db)
        assert shopper.get(f"/checkout/done/{order.token}?session_id=cs_other").status_code == 303
        assert the_order(db).state is OrderState.PLACED
        assert back

    def test_placed_again_after_it_was_paid_shows_the_receipt(self, shopper, provider, db):
        fields = shopper.last_page()
        back = provider.pay(shopper.post("/checkout/payment", **fields).location)
        shopper.get(back.removeprefix("http://localhost"))
        answer = shopper.post("/checkout/payment", **fields)
        assert answer.location == f"/receipt/{the_order(db).token}"

    def test_gives_nobody_else_s_order_away(self, shopper):
        for page in ("checkout/back", "checkout/done", "checkout/opening", "receipt"):
            assert shopper.get(f"/{page}/somebody-elses").status_code == 404

    def test_may_be_sent_to_the_provider_by_the_policy_of_the_page(self, shopper, app):
        policy = shopper.get("/checkout/payment").headers["Content-Security-Policy"]
        origins = " ".join(app.config["PAYMENT_PAGE_ORIGINS"])
        assert f"form-action 'self' {origins};" in policy

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_keeps_the_language_on_the_way_there_and_back(
        self, client, towel, springs, provider, db, language
    ):
        shopper = Shopper(client, f"/{language}")
        shopper.puts(towel)
        shopper.says_address()
        shopper.chooses({springs: "2.40"})
        back = provider.pay(shopper.places().location)
        assert back.startswith(f"http://localhost/{language}/checkout/done/")
        answer = client.get(back.removeprefix("http://localhost"))
        assert answer.location == f"/{language}/receipt/{the_order(db).token}"
        assert f'<html lang="{language}"' in client.get(answer.location).text
        assert the_order(db).locale == language

    def test_belongs_to_who_is_signed_in(self, shopper, client, sign_in, provider, db):
        user = factories.make_user()
        sign_in(client, user)
        shopper.places()
        assert the_order(db).customer_id == user.id


class TestOpening:
    def test_asks_again_while_the_provider_does_not_answer(
        self, shopper, towel, springs, provider, db
    ):
        shopper.puts(towel)
        shopper.says_address()
        shopper.chooses({springs: "2.40"})
        silent = {"match": "/v1/checkout/sessions", "do": "fail_500_before", "times": 99}
        dial = provider.double.test_client()
        dial.post("/_sandbox/chaos", json={"rules": [silent]})
        try:
            answer = shopper.places()
        finally:
            dial.delete("/_sandbox/chaos")
        order = the_order(db)
        assert answer.location == f"/checkout/opening/{order.token}"
        assert order.payment_url is None
        assert shopper.get(answer.location).location == the_order(db).payment_url

    def test_tells_that_nothing_was_charged_and_refreshes_itself(
        self, shopper, towel, springs, provider, db
    ):
        shopper.puts(towel)
        shopper.says_address()
        shopper.chooses({springs: "2.40"})
        silent = {"match": "/v1/checkout/sessions", "do": "fail_500_before", "times": 99}
        dial = provider.double.test_client()
        dial.post("/_sandbox/chaos", json={"rules": [silent]})
        try:
            page = shopper.get(shopper.places().location)
        finally:
            dial.delete("/_sandbox/chaos")
        assert page.status_code == 202
        assert "Nothing was charged" in page.text
        assert '<meta http-equiv="refresh" content="5">' in page.text
