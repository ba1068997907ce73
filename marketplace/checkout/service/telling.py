"""What is told of a purchase: to the shopper before paying, and to the provider's payment page."""

from collections.abc import Sequence

from marketplace.checkout.queries import PricedBasket
from marketplace.core.i18n import _l
from marketplace.disclosures.rules import CompanyTold, LineTold, ProjectTold, PurchaseTold, Times
from marketplace.orders.models import Order


def purchase_told(
    basket: PricedBasket,
    projects: Sequence[ProjectTold],
    top_up_minor: int,
    country: str,
    times: Times,
) -> PurchaseTold:
    """Return what a purchase's disclosure is about."""
    companies = [
        CompanyTold(
            company.name,
            [
                LineTold(
                    line.title, line.terms.pledge, line.parts.net_minor, line.parts.share_minor
                )
                for line in company.lines
            ],
            company.pledge_until,
        )
        for company in basket.companies
    ]
    return PurchaseTold(country, basket.currency, companies, projects, top_up_minor, times)


def payment_page(
    order: Order, basket: PricedBasket, success_url: str, cancel_url: str
) -> dict[str, object]:
    """Return what the hosted payment page shows: each line, each parcel, the shopper's own gift."""
    rows = [
        (
            f"{line.title} {line.variant_title}".strip(),
            line.terms.unit_price_minor,
            line.terms.quantity,
        )
        for line in basket.lines
    ]
    rows += [
        (f"{_l('Delivery')}, {company.name}", company.shipping_minor, 1)
        for company in basket.companies
        if company.shipping_minor
    ]
    if order.top_up_minor:
        rows.append((str(_l("Your own donation")), order.top_up_minor, 1))
    metadata = {"order": str(order.id)}
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": quantity,
                "price_data": {
                    "currency": order.currency.lower(),
                    "unit_amount": unit_minor,
                    "product_data": {"name": name[:250]},
                },
            }
            for name, unit_minor, quantity in rows
        ],
        "client_reference_id": str(order.id),
        "customer_email": order.email,
        "metadata": metadata,
        "payment_intent_data": {"transfer_group": str(order.id), "metadata": metadata},
        "success_url": success_url.replace("{token}", order.token),
        "cancel_url": cancel_url.replace("{token}", order.token),
        "expires_at": int(order.expires_at.timestamp()),
        "locale": order.locale,
    }
