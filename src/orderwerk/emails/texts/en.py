"""English texts."""

from orderwerk.emails.texts.text import Text

_LINES = "{% for line in order.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.total }}\n{% endfor %}"
_PARCEL = "{% for line in shipment.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_TRACK = (
    "{% if shipment.tracking_url %}[Follow your parcel]({{ shipment.tracking_url }})\n\n{% endif %}"
    "{% if shipment.tracking_code %}Tracking code: {{ shipment.tracking_code }}\n\n{% endif %}"
)
_END = (
    "[Your order]({{ order.track_url }})\n\n"
    "Is anything not as it should be? Just answer this message.\n\nKind regards,\n{{ shop.name }}\n"
)

_ASKED = "{% for line in return_request.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.reason }}\n{% endfor %}"
_CAME = "{% for line in returned.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_HOW = (
    "{% if return_request.fee != '' %}You pay {{ return_request.fee }} for it.\n\n{% endif %}"
    "{% if return_request.instructions != '' %}{% if return_request.is_brought == false %}How to send it back:\n{% endif %}{{ return_request.instructions }}\n\n{% endif %}"
)

TEXTS = {
    "order.received": Text(
        "We have received your order {{ order.number }}",
        "Dear {{ customer.name }},\n\nThank you for your order {{ order.number }} of {{ order.placed_on }}:\n\n"
        + _LINES
        + "\n{% if order.shipping %}Shipping: {{ order.shipping }}\n{% endif %}Total: {{ order.total }}\n\n"
        "{% if order.is_paid == false %}We send it as soon as your payment is in.\n\n{% endif %}"
        "{% if order.collect_at == '' %}It goes to:\n{{ order.address }}{% else %}You collect it at {{ order.collect_at }}. We write to you as soon as it lies ready.{% endif %}\n\n" + _END,
    ),
    "order.paid": Text(
        "Your payment for order {{ order.number }} is in",
        "Dear {{ customer.name }},\n\nYour payment of {{ order.paid }} for order {{ order.number }} has arrived. "
        "We get everything ready now.\n\n" + _END,
    ),
    "order.cancelled": Text(
        "{% if cancellation.is_whole %}Your order {{ order.number }} has been cancelled"
        "{% else %}A part of your order {{ order.number }} has been cancelled{% endif %}",
        "Dear {{ customer.name }},\n\n{% if cancellation.is_whole %}Your order {{ order.number }} has been cancelled."
        "{% else %}This part of your order {{ order.number }} is left:{% endif %}\n\n"
        "{% for line in order.left %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n" + _END,
    ),
    "substitution.proposed": Text(
        "May we send you another article? Order {{ order.number }}",
        "Dear {{ customer.name }},\n\nWe are short of an article of your order {{ order.number }}:\n\n- {{ substitution.quantity }} × {{ substitution.instead_of }}\n\nInstead, we can send you:\n\n- {{ substitution.quantity }} × {{ substitution.name }} – {{ substitution.total }}\n\nYou never pay more than you agreed to. Please answer by {{ substitution.until }}; if we do not hear from you, we keep waiting for the article that you ordered.\n\n[Say yes or no]({{ substitution.url }})\n\n" + _END,
    ),
    "shipment.shipped": Text(
        "Your order {{ order.number }} is on its way",
        "Dear {{ customer.name }},\n\nYour order {{ order.number }} has left us:\n\n" + _PARCEL + "\n" + _TRACK + _END,
    ),
    "shipment.partly_shipped": Text(
        "A part of your order {{ order.number }} is on its way",
        "Dear {{ customer.name }},\n\nThis part of your order {{ order.number }} has left us:\n\n"
        + _PARCEL
        + "\nThe rest follows.\n\n"
        + _TRACK
        + _END,
    ),
    "shipment.delivered": Text(
        "Your order {{ order.number }} has been delivered",
        "Dear {{ customer.name }},\n\nAccording to the carrier your parcel has arrived:\n\n" + _PARCEL + "\n" + _END,
    ),
    "shipment.ready": Text(
        "Your order {{ order.number }} is ready to collect",
        "Dear {{ customer.name }},\n\nThis of your order {{ order.number }} lies ready for you:\n\n" + _PARCEL + "\nYou can collect it until {{ shipment.collect_by }} at:\n{{ shipment.place }}\n{{ shipment.place_address }}\n\nPlease bring the number of your order.\n\n" + _END,
    ),
    "return_request.received": Text(
        "Your return {{ return_request.number }} is announced",
        "Dear {{ customer.name }},\n\n{% if return_request.asks_to_keep %}We have received that you would rather keep this from order {{ order.number }}:{% else %}We have received that you want to send this back from order {{ order.number }}:{% endif %}\n\n" + _ASKED + "\n{% if return_request.asks_to_keep %}Please do not send anything yet: we look at your wish and let you know.\n\n{% endif %}" + _HOW + _END,
    ),
    "return_request.approved": Text(
        "You may send back your return {{ return_request.number }}",
        "Dear {{ customer.name }},\n\nYou may send this back from order {{ order.number }}:\n\n" + _ASKED + "\n" + _HOW + _END,
    ),
    "return_request.rejected": Text(
        "We cannot take back your return {{ return_request.number }}",
        "Dear {{ customer.name }},\n\nWe are sorry: we cannot take this back from order {{ order.number }}:\n\n" + _ASKED + "\n{{ return_request.reason }}\n\n" + _END,
    ),
    "return_request.kept": Text(
        "You may keep what you wanted to return from order {{ order.number }}",
        "Dear {{ customer.name }},\n\nYou need not send this back from order {{ order.number }}; keep it:\n\n" + _ASKED + "\n{% if return_request.reason %}{{ return_request.reason }}\n\n{% endif %}You get what you paid for it all the same.\n\n" + _END,
    ),
    "return_label.made": Text(
        "The label for your return {{ return_request.number }} is ready",
        "Dear {{ customer.name }},\n\n{{ return_label.carrier }} has made the label for your return {{ return_request.number }} from order {{ order.number }}:\n\n" + _ASKED + "\n{% if return_label.is_paperless %}You need not print anything: show the code on the page of your order where you hand the parcel in.{% else %}The label is attached, and you find it on the page of your order. Print it and stick it on the parcel.{% endif %} The code of the parcel is {{ return_label.barcode }}.\n\n" + _END,
    ),
    "repair.received": Text(
        "We have received what you sent in for repair",
        "Dear {{ customer.name }},\n\nThis has arrived from your order {{ order.number }}, and we look at it:\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\nIt stays yours. You hear from us when it goes back to you.\n\n" + _END,
    ),
    "repair.sent_back": Text(
        "{% if repair.is_repaired %}Repaired, and on its way back to you{% else %}On its way back to you, not repaired{% endif %}",
        "Dear {{ customer.name }},\n\n{% if repair.is_repaired %}We have repaired this from your order {{ order.number }}, and it is on its way back to you:{% else %}We could not repair this from your order {{ order.number }}; it is on its way back to you:{% endif %}\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n{% if repair.note %}{{ repair.note }}\n\n{% endif %}{% if repair.tracking_code %}{{ repair.carrier }} {{ repair.tracking_code }}\n\n{% endif %}" + _END,
    ),
    "portal.link": Text(
        "The link to your order {{ order.number }}",
        "Dear {{ customer.name }},\n\nHere is the link to the page of your order {{ order.number }}, which you, or somebody who knows its number, asked for:\n\n" + _END,
    ),
    "withdrawal.received": Text(
        "Your withdrawal from order {{ order.number }} has been received",
        "Dear {{ withdrawal.name }},\n\nWe received your statement of withdrawal {{ withdrawal.number }} on {{ withdrawal.received_at }}.\n\nI hereby withdraw from the contract of order {{ order.number }} of {{ order.placed_on }} for the following goods:\n\n{% for line in withdrawal.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}{% if withdrawal.lines.size == 0 %}- The whole order\n{% endif %}\n{{ withdrawal.name }}\n\n{% if withdrawal.return_number != '' %}You may send the goods back with return number {{ withdrawal.return_number }}: [your order]({{ order.track_url }}).\n\n{% endif %}" + _END,
    ),
    "return.processed": Text(
        "Your return {{ returned.number }} has come in",
        "Dear {{ customer.name }},\n\nWe have received this from order {{ order.number }}:\n\n" + _CAME + "\n{% if returned.credited != '' %}We credit you {{ returned.credited }}.\n\n{% endif %}" + _END,
    ),
    "refund.sent": Text(
        "Your refund for order {{ order.number }} is on its way",
        "Dear {{ customer.name }},\n\nWe have paid back {{ refund.amount }} of order {{ order.number }}{% if refund.by_bank %} by bank transfer{% else %} the way that you paid{% endif %}. It can take a few working days until you see it on your account.\n\n" + _END,
    ),
    "store_credit.issued": Text(
        "Your store credit for order {{ order.number }}",
        "Dear {{ customer.name }},\n\nFor order {{ order.number }} you have a store credit at {{ shop.name }}. Now {{ store_credit.remaining }} is on it{% if store_credit.until %}; you can spend it until {{ store_credit.until }}{% endif %}.\n\nYour code: {{ store_credit.code }}\n\nEnter it when you pay, and keep it to yourself: whoever has the code can spend it.\n\n" + _END,
    ),
    "store_credit.stopped": Text(
        "Your store credit for order {{ order.number }} has ended",
        "Dear {{ customer.name }},\n\nYour store credit {{ ended_credit.number }} at {{ shop.name }}, for order {{ order.number }}, has been ended. What was left of it, {{ ended_credit.amount }}, can no longer be spent.\n\nDo you have a question about this? Answer this message.\n\n" + _END,
    ),
}  # fmt: skip
