"""Who may do what with products; who may edit them at all says `companies.policies`."""

from marketplace.catalog.models import Product, ProductState


def may_publish_product(product: Product) -> bool:
    """Say whether a product can be offered: something in it has to be."""
    is_away = product.state is not ProductState.LIVE
    return is_away and any(variant.is_offered for variant in product.variants)
