"""German texts."""

from orderwerk.emails.texts.text import Text

_LINES = "{% for line in order.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.total }}\n{% endfor %}"
_PARCEL = "{% for line in shipment.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_TRACK = (
    "{% if shipment.tracking_url %}[Sendung verfolgen]({{ shipment.tracking_url }})\n\n{% endif %}"
    "{% if shipment.tracking_code %}Sendungsnummer: {{ shipment.tracking_code }}\n\n{% endif %}"
)
_END = "Stimmt etwas nicht? Antworten Sie einfach auf diese E-Mail.\n\nFreundliche Grüße\n{{ shop.name }}\n"

TEXTS = {
    "order.received": Text(
        "Wir haben Ihre Bestellung {{ order.number }} erhalten",
        "Guten Tag {{ customer.name }},\n\nvielen Dank für Ihre Bestellung {{ order.number }} vom {{ order.placed_on }}:\n\n"
        + _LINES
        + "\n{% if order.shipping %}Versand: {{ order.shipping }}\n{% endif %}Gesamt: {{ order.total }}\n\n"
        "{% if order.is_paid == false %}Sobald Ihre Zahlung eingegangen ist, verschicken wir die Ware.\n\n{% endif %}"
        "Wir liefern an:\n{{ order.address }}\n\n" + _END,
    ),
    "order.paid": Text(
        "Ihre Zahlung für Bestellung {{ order.number }} ist eingegangen",
        "Guten Tag {{ customer.name }},\n\nIhre Zahlung über {{ order.paid }} für die Bestellung {{ order.number }} ist "
        "eingegangen. Wir machen jetzt alles fertig.\n\n" + _END,
    ),
    "order.cancelled": Text(
        "{% if cancellation.is_whole %}Ihre Bestellung {{ order.number }} wurde storniert"
        "{% else %}Ein Teil Ihrer Bestellung {{ order.number }} wurde storniert{% endif %}",
        "Guten Tag {{ customer.name }},\n\n{% if cancellation.is_whole %}Ihre Bestellung {{ order.number }} wurde storniert."
        "{% else %}Von Ihrer Bestellung {{ order.number }} bleibt:{% endif %}\n\n"
        "{% for line in order.left %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n" + _END,
    ),
    "shipment.shipped": Text(
        "Ihre Bestellung {{ order.number }} ist unterwegs",
        "Guten Tag {{ customer.name }},\n\nIhre Bestellung {{ order.number }} hat unser Haus verlassen:\n\n"
        + _PARCEL
        + "\n"
        + _TRACK
        + _END,
    ),
    "shipment.partly_shipped": Text(
        "Ein Teil Ihrer Bestellung {{ order.number }} ist unterwegs",
        "Guten Tag {{ customer.name }},\n\ndieser Teil Ihrer Bestellung {{ order.number }} hat unser Haus verlassen:\n\n"
        + _PARCEL
        + "\nDer Rest folgt.\n\n"
        + _TRACK
        + _END,
    ),
    "shipment.delivered": Text(
        "Ihre Bestellung {{ order.number }} wurde zugestellt",
        "Guten Tag {{ customer.name }},\n\nlaut Zusteller ist Ihr Paket angekommen:\n\n" + _PARCEL + "\n" + _END,
    ),
}  # fmt: skip
