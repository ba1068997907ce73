"""What a product page says of each variant: to people and to search engines."""

from dataclasses import dataclass

from marketplace.catalog.queries import Offered, Shown
from marketplace.core.money import to_decimal_text
from marketplace.giving.rules import Pledge, pledge_for
from marketplace.orders.rules import LineParts, LineTerms, price_line


@dataclass(frozen=True)
class Offer:
    """A variant that can be bought, and where its price goes; `keeps_minor` is without VAT."""

    variant: Offered | None
    parts: LineParts

    @property
    def keeps_minor(self) -> int:
        """Return what the company keeps, after VAT, share and commission."""
        return self.parts.company_minor - self.parts.vat_minor


def pledge_of(found: Shown) -> Pledge:
    """Return what is promised of a product: its own pledge, or its company's."""
    company = found.company
    return pledge_for(
        (company.pledge_bp, company.pledge_unit_minor), (found.pledge_bp, found.pledge_unit_minor)
    )


def offer_of(found: Shown, pledge: Pledge, variant: Offered | None, commission_bp: int) -> Offer:
    """Return what a variant costs and where it goes; without one, what the product would cost."""
    terms = LineTerms(
        variant_id=variant.id if variant else found.id,
        company_id=found.company.id,
        quantity=1,
        unit_price_minor=variant.price_minor if variant else found.price_from_minor,
        vat_bp=found.vat_bp,
        pledge=pledge,
    )
    return Offer(variant, price_line(terms, commission_bp))


def choose(offers: list[Offer], wanted: str) -> Offer | None:
    """Return the variant that the address names, or the first that can be bought, or the first."""
    named = [one for one in offers if one.variant and str(one.variant.id) == wanted]
    here = [one for one in offers if one.variant and one.variant.available > 0]
    return next(iter([*named, *here, *offers]), None)


def structured(found: Shown, offers: list[Offer], public_url: str) -> dict[str, object]:
    """Return what search engines read: schema.org's Product with its offers."""
    address = f"{public_url}/products/{found.slug}"
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": found.title,
        "description": found.summary or found.title,
        "url": address,
        "brand": {"@type": "Organization", "name": found.company.name},
        "offers": [_structured_offer(found, one, address) for one in offers],
    }
    if found.photo:
        data["image"] = f"{public_url}/media/{found.photo.key}-{max(found.photo.widths)}.webp"
    return data


def _structured_offer(found: Shown, offer: Offer, address: str) -> dict[str, object]:
    variant = offer.variant
    is_here = variant is not None and variant.available > 0
    data: dict[str, object] = {
        "@type": "Offer",
        "price": to_decimal_text(offer.parts.gross_minor, found.currency),
        "priceCurrency": found.currency,
        "availability": f"https://schema.org/{'InStock' if is_here else 'OutOfStock'}",
        "url": address,
        "seller": {"@type": "Organization", "name": found.company.name},
    }
    if variant and variant.sku:
        data["sku"] = variant.sku
    if variant and variant.title:
        data["name"] = variant.title
    return data
