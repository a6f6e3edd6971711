"""What the catalogue's history tells."""

from orderwerk.core.events import declare

PRODUCT_CREATED = declare("product.created", "A product came into the catalogue.", "sku")
PRODUCT_UPDATED = declare("product.updated", "A product's data changed.", "changes")
