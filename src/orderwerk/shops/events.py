"""What the history of shops tells."""

from orderwerk.core.events import declare

SHOP_CREATED = declare("shop.created", "A shop was set up.", "code")
SHOP_UPDATED = declare("shop.updated", "A shop's settings changed.", "changes")
SHOP_LOCATIONS_SET = declare(
    "shop.locations_set", "The locations a shop may draw from changed.", "location", "shops"
)
SHOP_LOGO_SET = declare(
    "shop.logo_set", "A shop got another logo, or none any more.", "code", "has_logo"
)
