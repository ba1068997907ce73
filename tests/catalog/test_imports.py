"""Products from other shops' files: taken whole or refused with line and reason."""

import csv
import io
import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace.catalog.imports import importer
from marketplace.catalog.imports.records import Terms
from marketplace.catalog.imports.source import FORMATS, fill, open_source, products
from marketplace.catalog.models import Product, ProductState, Variant
from marketplace.core.reading.report import NotThisKind, Report
from marketplace.core.reading.spool import Spool
from tests import factories
from tests.field import DATA, field_files, needs_field_data
from tests.statements import statements

NOW = factories.NOW
SHOPIFY = (
    "Handle,Title,Body (HTML),Type,Status,Option1 Name,Option1 Value,"
    "Variant SKU,Variant Inventory Qty,Variant Price,Image Src"
)
NEW_SHOPIFY = (
    "Title,URL handle,Description,Type,Status,SKU,Option1 name,Option1 value,"
    "Price,Inventory quantity,Product image URL"
)
WOO = (
    'ID,Type,SKU,Name,Published,"Regular price",Stock,Parent,"Attribute 1 value(s)",'
    "Categories,Images,Description"
)


@pytest.fixture
def company(db):
    return factories.make_company()


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes, name: str = "products.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@contextmanager
def no_transaction():
    yield


def run(path: Path, company, wanted: str = "auto") -> Report:
    source = open_source(path, wanted)
    return importer.run(source, company=company, transaction=no_transaction, now=NOW)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.skipped


def reasons(report: Report) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.sentence) for refusal in report.refusals]


def product_of(db, ref: str) -> Product:
    db.expire_all()
    return db.scalars(sa.select(Product).where(Product.external_ref == ref)).one()


def variants_of(db, product: Product) -> list[tuple[str, str, int, int, bool]]:
    rows = db.scalars(
        sa.select(Variant).where(Variant.product_id == product.id).order_by(Variant.position)
    )
    return [(v.title, v.sku, v.price_minor, v.on_hand, v.is_offered) for v in rows]


class TestShopify:
    def test_makes_one_product_of_the_rows_of_a_handle(self, db, company, write):
        shelf = factories.make_category(slug="shirts", name_en="Shirts")
        path = write(
            f"{SHOPIFY}\n"
            "tee,Tee,<p>Soft</p>,Shirts,active,Size,S,T-S,3,10,https://example.org/1.jpg\n"
            "tee,,,,,,,,,,https://example.org/2.jpg\n"
            "cup,Cup,Holds tea,,active,Title,Default Title,,2,4.50,\n"
            "tee,,,,,,M,T-M,-4,12.5,\n"
        )
        assert counts(run(path, company)) == (2, 0, 0, 0)
        tee = product_of(db, "tee")
        assert variants_of(db, tee) == [("S", "T-S", 1000, 3, True), ("M", "T-M", 1250, 0, True)]
        assert (tee.category_id, tee.price_from_minor) == (shelf.id, 1000)
        assert (tee.state, tee.published_at) == (ProductState.LIVE, NOW)
        assert tee.source_photo_url == "https://example.org/1.jpg"
        cup = product_of(db, "cup")
        assert variants_of(db, cup) == [("", "", 450, 2, True)]
        assert cup.description_html == "<p>Holds tea</p>"

    def test_reads_the_newer_header(self, db, company, write):
        path = write(
            f"{NEW_SHOPIFY}\nTee,tee,<b>Soft</b>,Shirts,Draft,T-S,Size,S,10.00,3,https://e.org/1.jpg\n"
        )
        assert counts(run(path, company)) == (1, 0, 0, 0)
        tee = product_of(db, "tee")
        assert (tee.state, tee.published_at) == (ProductState.DRAFT, None)
        assert variants_of(db, tee) == [("S", "T-S", 1000, 3, True)]

    def test_refuses_a_product_whole_for_one_bad_row(self, db, company, write):
        path = write(
            f"{SHOPIFY}\n"
            "tee,Tee,,,,Size,S,,1,10,\n"
            "tee,,,,,,M,,1,,\n"
            'cup,Cup,"two\nlines",,,Title,Default Title,,1,5,\n'
            "bowl,Bowl,,,,Size,S,,1,10,\n"
            "bowl,,,,,,S,,1,10,\n"
        )
        report = run(path, company)
        assert counts(report) == (1, 0, 0, 2)
        assert reasons(report) == [
            (3, "There is no price."),
            (6, "Two variants have the same name. (S)"),
        ]
        assert db.scalars(sa.select(Product.external_ref)).all() == ["cup"]

    @pytest.mark.parametrize(
        ("price", "reason"),
        [
            ("", "There is no price. (cup)"),
            ("free", "The price is not an amount of money in this currency. (free)"),
            ("-3", "The price is negative. (-3)"),
            ("0.00", "The price is zero."),
            ("9999999999999999", "The price is absurdly high. (9999999999999999)"),
            ("9.999", "The price is not an amount of money in this currency. (9.999)"),
            ("$5", "The price is not"),
            ("5 USD", "The price is in another currency than the company's"),
            ("£5", "The price is in another currency than the company's"),
            ("1e5", "The price is not an amount of money in this currency. (1e5)"),
        ],
    )
    def test_refuses_a_price_that_is_none(self, db, company, write, price, reason):
        report = run(write(f"{SHOPIFY}\ncup,Cup,,,,,,,1,{price},\n"), company)
        if price == "$5":  # a dollar is nobody's in particular: the company's own currency
            assert counts(report) == (1, 0, 0, 0)
            return
        assert counts(report) == (0, 0, 0, 1)
        assert report.refusals[0].line == 2
        assert report.refusals[0].sentence.startswith(reason)

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (",Cup,,,,,,,1,5,", "There is no handle."),
            ("cup,,,,,,,,1,5,", "There is no title. (cup)"),
            ("cup," + "x" * 301 + ",,,,,,,1,5,", "The title is longer than 300 characters."),
            ("cup,Cup,,,,,,,many,5,", "The quantity is not a whole number. (many)"),
            ("cup,Cup,,,,,,,1,5,,surplus", "The row has more cells than the header."),
            ("cup,C\0up,,,,,,,1,5,", "The row has a NUL character in it."),
            ("cup,Cup," + "x" * 140_000 + ",,,,,,1,5,", "A field is too long"),
        ],
    )
    def test_says_what_is_wrong_with_a_row_and_goes_on(self, db, company, write, row, reason):
        report = run(write(f"{SHOPIFY}\n{row}\nbowl,Bowl,,,,,,,1,5,\n"), company)
        assert counts(report) == (1, 0, 0, 1)
        assert report.refusals[0].line == 2
        assert report.refusals[0].sentence.startswith(reason)

    def test_sanitises_bodies(self, db, company, write):
        body = (
            '<h2 onclick=x>Fine</h2><script>alert(1)</script><p style="color:red">Cup'
            '<img src=x onerror=alert(1)></p><a href="javascript:alert(1)">a</a>'
            '<a href="https://e.org/" target=_blank>b</a>'
        )
        target = io.StringIO()
        csv.writer(target).writerow(["cup", "Cup", body, *[""] * 5, "1", "5", ""])
        run(write(f"{SHOPIFY}\n{target.getvalue()}"), company)
        assert product_of(db, "cup").description_html == (
            "<p><strong>Fine</strong></p><p>Cup</p>"
            '<a rel="ugc nofollow noopener">a</a>'
            '<a href="https://e.org/" rel="ugc nofollow noopener">b</a>'
        )


class TestWoocommerce:
    def test_brings_variations_to_their_parent_wherever_they_stand(self, db, company, write):
        path = write(
            f"{WOO}\n"
            "7,variation,TEE-R,Tee - Red,1,.5,4,id:1,Red,,,\n"
            '1,variable,TEE,Tee,1,,,,"Red, Blue",Clothing > Shirts,"https://e.org/1.jpg, x",Soft\n'
            "8,variation,TEE-B,Tee - Blue,0,20,,TEE,Blue,,,\n"
        )
        assert counts(run(path, company)) == (1, 0, 0, 0)
        tee = product_of(db, "TEE")
        assert variants_of(db, tee) == [
            ("Red", "TEE-R", 50, 4, True),
            ("Blue", "TEE-B", 2000, 0, False),
        ]
        assert (tee.price_from_minor, tee.source_photo_url) == (50, "https://e.org/1.jpg")

    def test_says_why_something_is_left_out(self, db, company, write):
        path = write(
            f"{WOO}\n"
            "1,grouped,G,Set,1,,,,,,,\n"
            "2,external,E,Pennant,1,5,,,,,,\n"
            '3,"simple, downloadable, virtual",D,Song,1,5,,,,,,\n'
            "4,variation,V,Lost,1,5,,NOBODY,Red,,,\n"
            "5,variation,W,Lost,1,5,,,Red,,,\n"
            "6,variable,X,Alone,1,,,,,,,\n"
            "7,simple,Y,One,1,5,,,,,,\n"
            "8,simple,Y,Other,1,5,,,,,,\n"
            "9,bundle,Z,Odd,1,5,,,,,,\n"
            ",simple,,Nameless,1,5,,,,,,\n"
        )
        report = run(path, company)
        assert counts(report) == (0, 0, 0, 9)
        assert sorted(line for line, _reason in reasons(report)) == [2, 3, 4, 5, 6, 7, 9, 10, 11]


class TestGoogle:
    def test_makes_variants_of_a_group(self, db, company, write):
        item = (
            "<item><g:id>{0}</g:id><g:title>Tee</g:title><g:item_group_id>tee</g:item_group_id>"
            "<g:price>{1} EUR</g:price><g:color>{2}</g:color><g:size>S</g:size>"
            "<g:availability>in_stock</g:availability><g:quantity>3</g:quantity></item>\n"
        )
        items = item.format("1", "10.00", "red") + item.format("2", "9.50", "blue")
        path = write(
            '<?xml version="1.0"?>\n<rss xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
            f"<title>Shop</title>{items}</channel></rss>",
            "feed.xml",
        )
        assert counts(run(path, company)) == (1, 0, 0, 0)
        assert variants_of(db, product_of(db, "tee")) == [
            ("red / S", "1", 1000, 3, True),
            ("blue / S", "2", 950, 3, True),
        ]

    def test_reads_the_same_with_tabs(self, db, company, write):
        header = "id\ttitle\tdescription\tlink\tprice\tavailability\timage link\n"
        path = write(
            header
            + "1\tCup\tHolds tea\thttps://e.org\t5.00 EUR\tout of stock\thttps://e.org/a.jpg\n"
            "2\tBowl\tHolds soup\thttps://e.org\t5,00 EUR\tin stock\t\n",
            "feed.txt",
        )
        report = run(path, company)
        assert counts(report) == (1, 0, 0, 1)
        assert report.refusals[0].line == 3
        assert variants_of(db, product_of(db, "1")) == [("", "1", 500, 0, True)]

    @pytest.mark.parametrize(
        "attack",
        [
            '<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss><channel>&c;</channel></rss>',
            '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item>&a;</item></rss>',
            "<rss><channel><item>",
            "<svg/>",
        ],
    )
    def test_refuses_files_that_are_attacks_or_broken(self, db, company, write, attack):
        with pytest.raises(NotThisKind):
            run(write(attack, "feed.xml"), company)
        assert db.scalar(sa.select(sa.func.count()).select_from(Product)) == 0


class TestEncodings:
    TEXT = f"{SHOPIFY}\ncafe,Café crème,,,,,,,1,5,\n"

    @pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
    def test_are_found_out(self, db, company, write, name):
        run(write(self.TEXT.encode(name)), company)
        assert product_of(db, "cafe").title == "Café crème"

    @pytest.mark.parametrize("delimiter", [";", "\t", "|"])
    def test_and_so_are_delimiters(self, db, company, write, delimiter):
        run(write(self.TEXT.replace(",", delimiter)), company)
        assert product_of(db, "cafe").slug == "cafe-creme"

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_and_line_ends(self, db, company, write, end):
        assert run(write(self.TEXT.replace("\n", end)), company).created == 1


class TestSecondRun:
    FIRST = f"{SHOPIFY}\ntee,Tee,,,,Size,S,A,3,10,\ntee,,,,,,M,B,3,12,\ncup,Cup,,,,,,,2,5,\n"

    def test_changes_nothing(self, db, company, write):
        path = write(self.FIRST)
        assert counts(run(path, company)) == (2, 0, 0, 0)
        assert counts(run(path, company)) == (0, 0, 2, 0)

    def test_updates_what_the_file_says_otherwise(self, db, company, write):
        run(write(self.FIRST), company)
        tee = product_of(db, "tee")
        slug = tee.slug
        db.execute(sa.update(Variant).where(Variant.sku == "A").values(reserved=2))
        second = (
            f"{SHOPIFY}\ntee,Tea shirt,,,,Size,M,A,1,9,\ntee,,,,,,S,C,,8,\ncup,Cup,,,,,,,2,5,\n"
        )
        assert counts(run(write(second), company)) == (0, 1, 1, 0)
        tee = product_of(db, "tee")
        assert (tee.title, tee.slug, tee.price_from_minor) == ("Tea shirt", slug, 800)
        assert [row for row in variants_of(db, tee) if row[4]] == [
            ("M", "A", 900, 2, True),  # two are reserved, so two are there
            ("S", "C", 800, 0, True),
        ]
        (gone,) = [row for row in variants_of(db, tee) if not row[4]]
        assert gone[1] == "B"

    def test_withdraws_but_never_publishes_again(self, db, company, write):
        live = f"{SHOPIFY}\ncup,Cup,,,active,,,,2,5,\n"
        run(write(live), company)
        run(write(live.replace("active", "draft")), company)
        assert product_of(db, "cup").state is ProductState.DRAFT
        run(write(live), company)
        assert product_of(db, "cup").state is ProductState.DRAFT

    def test_leaves_another_companys_products_alone(self, db, company, write):
        path = write(self.FIRST)
        run(path, factories.make_company())
        assert counts(run(path, company)) == (2, 0, 0, 0)
        slugs = db.scalars(sa.select(Product.slug).where(Product.external_ref == "cup")).all()
        assert len(set(slugs)) == 2


class TestSave:
    def test_gives_up_only_what_the_database_refuses(self, db, company, write):
        good = f"{SHOPIFY}\ncup,Cup,,,,,,,1,5,\nbowl,Bowl,,,,,,,1,5,\n"
        source, report = open_source(write(good)), Report()
        with Spool() as spool:
            fill(source, spool, report)
            cup, bowl = products(source, spool, Terms("EUR"), report)
        importer._save(
            [replace(cup, title="x" * 301), bowl],
            report,
            db.begin_nested,
            company=company,
            shelves={},
            now=NOW,
        )
        assert counts(report) == (1, 0, 0, 1)
        assert reasons(report) == [
            (2, "The database refused this product. (ck_product_title_is_short)")
        ]
        assert db.scalars(sa.select(Product.external_ref)).all() == ["bowl"]

    def test_needs_few_statements_for_many_products(self, db, company, write, engine):
        rows = "".join(f"cup-{n},Cup,,,,Size,{s},,1,5,\n" for n in range(150) for s in "SM")
        path = write(f"{SHOPIFY}\n{rows}")
        with statements(engine) as asked:
            assert counts(run(path, company)) == (150, 0, 0, 0)
        assert len(asked) <= 8
        with statements(engine) as asked:
            assert counts(run(path, company)) == (0, 0, 150, 0)
        assert len(asked) <= 3

    def test_loses_nothing_of_a_long_summary(self, db, company, write):
        long = "word " * 100
        row = f'1,simple,A,Cup,1,5,,,,,,"Body.","{long}"'
        run(write(f"{WOO},Short description\n{row}\n"), company)
        product = product_of(db, "A")
        assert product.summary.endswith("…")
        assert product.description_html == f"<p>{long.strip()}</p><p>Body.</p>"


class TestOpenSource:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "empty"),
            ("hello", "not a table"),
            ("a,b,c\n1,2,3\n", "not those of a product export"),
            ('{"grants": []}', "use import-projects"),
            ("Name,Email,Lineitem name\n", "Shopify orders"),
            ("id,loan_amount,sector,use\n", "use import-projects"),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "not a table"),
        ],
    )
    def test_says_what_a_file_is_instead(self, write, text, reason):
        with pytest.raises(NotThisKind, match=reason):
            open_source(write(text))

    def test_wants_the_columns_of_the_kind_that_was_asked_for(self, write):
        with pytest.raises(NotThisKind, match="WooCommerce"):
            open_source(write(f"{SHOPIFY}\n"), "woocommerce")


def test_a_report_ends_in_one_line_of_json(db, company, write):
    report = run(write(f"{SHOPIFY}\ncup,Cup,,,,,,,1,5,\nbowl,Bowl,,,,,,,1,,\n"), company)
    text = "".join(report.json_parts())
    assert "\n" not in text
    assert json.loads(text) == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": 1,
        "errors": [{"line": 3, "reason": "There is no price. (bowl)"}],
    }


FIELD = {
    # file: currency, kind, created, skipped, variants
    "gbase-products2.xml": ("USD", "google", 2, 0, 2),
    "merchant-center-k4-excerpt.xml": ("USD", "google", 5, 0, 5),
    "products_import_semicolon.csv": ("EUR", "prestashop", 2, 0, 2),
    "apparel.csv": ("EUR", "shopify", 20, 0, 22),
    "packt-home.csv": ("EUR", "shopify", 20, 0, 21),
    "transporter-metafields.csv": ("EUR", "shopify", 1, 0, 3),
    "product-import.csv": ("EUR", "vendure", 3, 1, 6),
    "sample_products.csv": ("EUR", "woocommerce", 14, 4, 19),
}


@pytest.mark.field
@needs_field_data
class TestFieldData:
    @pytest.mark.parametrize("path", field_files("1-products"), ids=lambda path: path.name)
    def test_is_imported_or_refused_with_a_reason(self, db, path):
        currency, kind, created, skipped, variants = FIELD.get(path.name, ("EUR", "", 0, 1, 0))
        company = factories.make_company(currency=currency)
        if path.name not in FIELD and path.parent.name != "attributes":
            with pytest.raises(NotThisKind):
                open_source(path)
            return
        assert open_source(path).kind is FORMATS[kind or "google"]
        report = run(path, company)
        assert counts(report) == (created, 0, 0, skipped)
        assert all(line > 0 and reason for line, reason in reasons(report))
        assert db.scalar(sa.select(sa.func.count()).select_from(Variant)) == variants
        assert counts(run(path, company)) == (0, 0, created, skipped)

    def test_in_other_money_is_refused_item_by_item(self, db, company):
        report = run(DATA / "1-products/google/merchant-center-k4-excerpt.xml", company)
        assert counts(report) == (0, 0, 0, 5)
        assert [line for line, _reason in reasons(report)] == [7, 23, 39, 55, 71]

    @pytest.mark.parametrize("name", ["xmlbomb.xml", "external.xml", "simple.xml"])
    def test_of_attackers_is_refused(self, name):
        with pytest.raises(NotThisKind):
            list(open_source(DATA / "4-input/xml" / name).rows())
