"""A company's own products: list, form, photos, publishing."""

import uuid
from collections.abc import Callable, Sequence

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.catalog import queries, service
from marketplace.catalog.models import Category, Product, Variant
from marketplace.catalog.policies import may_publish_product
from marketplace.catalog.queries import Picture, desk
from marketplace.catalog.rules import plain_query
from marketplace.catalog.schemas import PhotoInput, ProductInput
from marketplace.catalog.views.editable import blank_values, values_of
from marketplace.catalog.views.own import own_company
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.languages import current_language
from marketplace.media import service as media
from marketplace.media.models import Photo

blueprint = Blueprint("desk", __name__)
MORE_ROWS = 3
Page = tuple[str, int]


@blueprint.get("/company/<slug>/products")
@access("member")
def products(slug: str) -> Page:
    """List the company's products in every state."""
    company = own_company(slug)
    search = plain_query(request.args.get("q", ""))
    page = desk.list_desk_rows(company.id, search=search, after=request.args.get("after"))
    return render("catalog/desk/products.html", company=company, page=page, search=search)


@blueprint.get("/company/<slug>/products/new")
@access("member")
def new_product(slug: str) -> Page:
    """Show an empty form."""
    company = own_company(slug)
    return _form(company, None, Form(values=blank_values()))


@blueprint.post("/company/<slug>/products/new")
@access("member")
def create_product(slug: str) -> Page | Response:
    """Make a draft of what was typed."""
    company = own_company(slug)
    form, asks_for_rows = _load(company)
    if asks_for_rows:
        return _form(company, None, form)
    if form.ok:
        try:
            with atomic():
                made = service.create_product(company=company, now=clock.now(), **form.data)
        except Invalid as error:
            form.refuse(error.fields)
        else:
            flash(_("Saved as a draft. Publish it when you are ready."))
            return redirect_to("desk.edit_product", slug=slug, product_id=made.id)
    return _form(company, None, form, status=422)


@blueprint.get("/company/<slug>/products/<uuid:product_id>")
@access("member")
def edit_product(slug: str, product_id: uuid.UUID) -> Page:
    """Show a product's form."""
    company = own_company(slug)
    product = desk.get_own_product(company.id, product_id)
    categories = desk.list_categories()
    return _form(company, product, Form(values=values_of(product, categories)))


@blueprint.post("/company/<slug>/products/<uuid:product_id>")
@access("member")
def revise_product(slug: str, product_id: uuid.UUID) -> Page | Response:
    """Save what was typed."""
    company = own_company(slug)
    product = desk.get_own_product(company.id, product_id)
    form, asks_for_rows = _load(company)
    if asks_for_rows:
        return _form(company, product, form)
    if form.ok:
        try:
            with atomic():
                service.revise_product(
                    product=product, by=current_user, now=clock.now(), **form.data
                )
        except Invalid as error:
            form.refuse(error.fields)
            product = desk.get_own_product(company.id, product_id)
        else:
            flash(_("Saved."))
            return redirect_to("desk.edit_product", slug=slug, product_id=product_id)
    return _form(company, product, form, status=422)


@blueprint.post("/company/<slug>/products/<uuid:product_id>/publish")
@access("member")
def publish_product(slug: str, product_id: uuid.UUID) -> Response:
    """Offer a product."""
    return _change(
        slug,
        product_id,
        lambda product: service.publish_product(product=product, now=clock.now()),
        _("Published. Everybody can see it now."),
    )


@blueprint.post("/company/<slug>/products/<uuid:product_id>/withdraw")
@access("member")
def withdraw_product(slug: str, product_id: uuid.UUID) -> Response:
    """Take a product out of the shop."""
    return _change(
        slug,
        product_id,
        lambda product: service.withdraw_product(product=product),
        _("Withdrawn. It is a draft again."),
    )


@blueprint.post("/company/<slug>/products/<uuid:product_id>/archive")
@access("member")
def archive_product(slug: str, product_id: uuid.UUID) -> Response:
    """Put a product away."""
    return _change(
        slug,
        product_id,
        lambda product: service.archive_product(product=product),
        _("Archived. Past orders keep showing it."),
    )


@blueprint.post("/company/<slug>/products/<uuid:product_id>/photos")
@access("member")
def add_photo(slug: str, product_id: uuid.UUID) -> Page | Response:
    """Take a photo of a product; it is shown first."""
    company = own_company(slug)
    product = desk.get_own_product(company.id, product_id)
    form = load_form(PhotoInput())
    upload = request.files.get("photo")
    if upload is None or not upload.filename:
        form.refuse({"photo": _("Choose a picture first.")})
    elif form.ok:
        try:
            with atomic():
                photo = media.store_photo(
                    upload=upload.stream,
                    alt=form.data["alt"],
                    user_id=current_user.id,
                    now=clock.now(),
                )
                service.show_photo(product=product, photo=photo)
        except Invalid as error:
            form.refuse(error.fields or {"photo": error.message})
            product = desk.get_own_product(company.id, product_id)
        else:
            flash(_("The photo is shown first now."))
            return redirect_to("desk.edit_product", slug=slug, product_id=product_id)
    kept = {"alt": form.values.get("alt", "")}
    values = values_of(product, desk.list_categories()) | kept
    return _form(company, product, Form(values=values, errors=form.errors), status=422)


@blueprint.post("/company/<slug>/products/<uuid:product_id>/photos/<uuid:photo_id>/remove")
@access("member")
def remove_photo(slug: str, product_id: uuid.UUID, photo_id: uuid.UUID) -> Response:
    """Take a photo away from a product."""
    return _change(
        slug,
        product_id,
        lambda product: service.drop_photo(product=product, photo_id=photo_id),
        _("The photo is gone."),
    )


def _change(
    slug: str, product_id: uuid.UUID, change: Callable[[Product], None], words: str
) -> Response:
    company = own_company(slug)
    with atomic():
        change(desk.get_own_product(company.id, product_id))
    flash(words)
    return redirect_to("desk.edit_product", slug=slug, product_id=product_id)


def _load(company: Company) -> tuple[Form, bool]:
    """Return the posted form, and whether it only asks for more rows of variants."""
    known = {category.slug: category.id for category in desk.list_categories()}
    form = load_form(ProductInput(currency=company.currency, categories=known))
    asks_for_rows = request.form.get("action") == "rows"
    if asks_for_rows:
        form.errors.clear()
    return form, asks_for_rows


def _form(company: Company, product: Product | None, form: Form, *, status: int = 200) -> Page:
    categories = desk.list_categories()
    there: Sequence[Variant] = product.variants if product else ()
    rows = len(form.values.get("variant_title", ()))
    return render(
        "catalog/desk/product.html",
        status,
        company=company,
        product=product,
        form=form,
        categories=_options(categories),
        reserved={str(variant.id): variant.reserved for variant in there},
        rows=rows + (MORE_ROWS if request.form.get("action") == "rows" else 1),
        photos=_photos(product),
        may_publish=product is not None and may_publish_product(product),
    )


def _options(categories: Sequence[Category]) -> list[tuple[str, str]]:
    named = [(one.slug, one.name_in(current_language())) for one in categories]
    return [("", _("None")), *named]


def _photos(product: Product | None) -> list[tuple[uuid.UUID, str, int, str]]:
    """Return id, key, smallest width and description of each photo, the first one first."""
    if product is None:
        return []
    photos: list[Photo | Picture] = [product.photo] if product.photo else []
    photos += queries.list_photos(product.id)
    return [(photo.id, photo.key, min(photo.widths), photo.alt) for photo in photos]
