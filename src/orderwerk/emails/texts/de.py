"""German texts."""

from orderwerk.emails.texts.text import Text

_LINES = "{% for line in order.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.total }}\n{% endfor %}"
_PARCEL = "{% for line in shipment.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_TRACK = (
    "{% if shipment.tracking_url %}[Sendung verfolgen]({{ shipment.tracking_url }})\n\n{% endif %}"
    "{% if shipment.tracking_code %}Sendungsnummer: {{ shipment.tracking_code }}\n\n{% endif %}"
)
_END = "[Ihre Bestellung]({{ order.track_url }})\n\nStimmt etwas nicht? Antworten Sie einfach auf diese E-Mail.\n\nFreundliche Grüße\n{{ shop.name }}\n"

_ASKED = "{% for line in return_request.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.reason }}\n{% endfor %}"
_CAME = "{% for line in returned.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_HOW = (
    "{% if return_request.fee != '' %}Sie zahlen dafür {{ return_request.fee }}.\n\n{% endif %}"
    "{% if return_request.instructions != '' %}{% if return_request.is_brought == false %}So senden Sie es zurück:\n{% endif %}{{ return_request.instructions }}\n\n{% endif %}"
)

TEXTS = {
    "order.received": Text(
        "Wir haben Ihre Bestellung {{ order.number }} erhalten",
        "Guten Tag {{ customer.name }},\n\nvielen Dank für Ihre Bestellung {{ order.number }} vom {{ order.placed_on }}:\n\n"
        + _LINES
        + "\n{% if order.shipping %}Versand: {{ order.shipping }}\n{% endif %}Gesamt: {{ order.total }}\n\n"
        "{% if order.is_paid == false %}Sobald Ihre Zahlung eingegangen ist, verschicken wir die Ware.\n\n{% endif %}"
        "{% if order.collect_at == '' %}Wir liefern an:\n{{ order.address }}{% else %}Sie holen sie ab bei {{ order.collect_at }}. Wir schreiben Ihnen, sobald sie bereitliegt.{% endif %}\n\n" + _END,
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
    "substitution.proposed": Text(
        "Dürfen wir einen anderen Artikel senden? Bestellung {{ order.number }}",
        "Guten Tag {{ customer.name }},\n\nein Artikel Ihrer Bestellung {{ order.number }} fehlt uns:\n\n- {{ substitution.quantity }} × {{ substitution.instead_of }}\n\nStattdessen können wir Ihnen senden:\n\n- {{ substitution.quantity }} × {{ substitution.name }} – {{ substitution.total }}\n\nSie zahlen nie mehr als vereinbart. Bitte antworten Sie bis {{ substitution.until }}; hören wir nichts von Ihnen, warten wir weiter auf den bestellten Artikel.\n\n[Ja oder nein sagen]({{ substitution.url }})\n\n" + _END,
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
    "shipment.ready": Text(
        "Ihre Bestellung {{ order.number }} liegt zur Abholung bereit",
        "Guten Tag {{ customer.name }},\n\ndies aus Ihrer Bestellung {{ order.number }} liegt für Sie bereit:\n\n" + _PARCEL + "\nSie können es bis zum {{ shipment.collect_by }} abholen bei:\n{{ shipment.place }}\n{{ shipment.place_address }}\n\nBitte bringen Sie die Nummer Ihrer Bestellung mit.\n\n" + _END,
    ),
    "return_request.received": Text(
        "Ihre Rücksendung {{ return_request.number }} ist angemeldet",
        "Guten Tag {{ customer.name }},\n\n{% if return_request.asks_to_keep %}Wir haben erhalten, dass Sie dies aus der Bestellung {{ order.number }} lieber behalten möchten:{% else %}Wir haben erhalten, dass Sie dies aus der Bestellung {{ order.number }} zurücksenden möchten:{% endif %}\n\n" + _ASKED + "\n{% if return_request.asks_to_keep %}Bitte senden Sie noch nichts zurück: Wir prüfen Ihren Wunsch und melden uns.\n\n{% endif %}" + _HOW + _END,
    ),
    "return_request.approved": Text(
        "Sie können Ihre Rücksendung {{ return_request.number }} absenden",
        "Guten Tag {{ customer.name }},\n\nSie können dies aus der Bestellung {{ order.number }} zurücksenden:\n\n" + _ASKED + "\n" + _HOW + _END,
    ),
    "return_request.rejected": Text(
        "Wir können Ihre Rücksendung {{ return_request.number }} nicht annehmen",
        "Guten Tag {{ customer.name }},\n\nEs tut uns leid: Wir können dies aus der Bestellung {{ order.number }} nicht zurücknehmen:\n\n" + _ASKED + "\n{{ return_request.reason }}\n\n" + _END,
    ),
    "return_request.kept": Text(
        "Behalten Sie, was Sie aus der Bestellung {{ order.number }} zurücksenden wollten",
        "Guten Tag {{ customer.name }},\n\ndies brauchen Sie aus der Bestellung {{ order.number }} nicht zurückzusenden; behalten Sie es:\n\n" + _ASKED + "\n{% if return_request.reason %}{{ return_request.reason }}\n\n{% endif %}Was Sie dafür bezahlt haben, bekommen Sie trotzdem.\n\n" + _END,
    ),
    "return_label.made": Text(
        "Das Etikett für Ihre Rücksendung {{ return_request.number }} ist da",
        "Guten Tag {{ customer.name }},\n\n{{ return_label.carrier }} hat das Etikett für Ihre Rücksendung {{ return_request.number }} aus der Bestellung {{ order.number }} erstellt:\n\n" + _ASKED + "\n{% if return_label.is_paperless %}Sie müssen nichts drucken: Zeigen Sie den Code auf der Seite Ihrer Bestellung dort, wo Sie das Paket abgeben.{% else %}Das Etikett hängt an dieser E-Mail, und Sie finden es auf der Seite Ihrer Bestellung. Drucken Sie es und kleben Sie es auf das Paket.{% endif %} Der Code des Pakets ist {{ return_label.barcode }}.\n\n" + _END,
    ),
    "repair.received": Text(
        "Was Sie zur Reparatur eingesandt haben, ist angekommen",
        "Guten Tag {{ customer.name }},\n\ndies aus Ihrer Bestellung {{ order.number }} ist angekommen, und wir sehen es uns an:\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\nEs gehört weiterhin Ihnen. Sie hören von uns, wenn es an Sie zurückgeht.\n\n" + _END,
    ),
    "repair.sent_back": Text(
        "{% if repair.is_repaired %}Repariert und auf dem Weg zu Ihnen{% else %}Nicht repariert und auf dem Weg zu Ihnen{% endif %}",
        "Guten Tag {{ customer.name }},\n\n{% if repair.is_repaired %}wir haben dies aus Ihrer Bestellung {{ order.number }} repariert, und es ist auf dem Weg zu Ihnen:{% else %}dies aus Ihrer Bestellung {{ order.number }} konnten wir nicht reparieren; es ist auf dem Weg zu Ihnen:{% endif %}\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n{% if repair.note %}{{ repair.note }}\n\n{% endif %}{% if repair.tracking_code %}{{ repair.carrier }} {{ repair.tracking_code }}\n\n{% endif %}" + _END,
    ),
    "portal.link": Text(
        "Der Link zu Ihrer Bestellung {{ order.number }}",
        "Guten Tag {{ customer.name }},\n\nhier ist der Link zur Seite Ihrer Bestellung {{ order.number }}, um den Sie, oder jemand, der die Nummer kennt, gebeten haben:\n\n" + _END,
    ),
    "withdrawal.received": Text(
        "Ihr Widerruf zu Bestellung {{ order.number }} ist eingegangen",
        "Guten Tag {{ withdrawal.name }},\n\nIhre Widerrufserklärung {{ withdrawal.number }} ist am {{ withdrawal.received_at }} bei uns eingegangen.\n\nHiermit widerrufe ich den Vertrag der Bestellung {{ order.number }} vom {{ order.placed_on }} über die folgenden Waren:\n\n{% for line in withdrawal.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}{% if withdrawal.lines.size == 0 %}- Die ganze Bestellung\n{% endif %}\n{{ withdrawal.name }}\n\n{% if withdrawal.return_number != '' %}Sie dürfen die Waren mit der Rücksendenummer {{ withdrawal.return_number }} zurücksenden: [Ihre Bestellung]({{ order.track_url }}).\n\n{% endif %}" + _END,
    ),
    "return.processed": Text(
        "Ihre Rücksendung {{ returned.number }} ist eingetroffen",
        "Guten Tag {{ customer.name }},\n\nWir haben dies aus der Bestellung {{ order.number }} erhalten:\n\n" + _CAME + "\n{% if returned.credited != '' %}Wir schreiben Ihnen {{ returned.credited }} gut.\n\n{% endif %}" + _END,
    ),
    "refund.sent": Text(
        "Ihre Erstattung zur Bestellung {{ order.number }} ist unterwegs",
        "Guten Tag {{ customer.name }},\n\nWir haben Ihnen {{ refund.amount }} der Bestellung {{ order.number }} erstattet{% if refund.by_bank %}, per Überweisung{% else %}, auf dem Weg, auf dem Sie bezahlt haben{% endif %}. Bis der Betrag auf Ihrem Konto erscheint, können einige Werktage vergehen.\n\n" + _END,
    ),
    "store_credit.issued": Text(
        "Ihr Guthaben zur Bestellung {{ order.number }}",
        "Guten Tag {{ customer.name }},\n\nFür die Bestellung {{ order.number }} haben Sie ein Guthaben bei {{ shop.name }}. Darauf stehen jetzt {{ store_credit.remaining }}{% if store_credit.until %}; einlösen können Sie es bis einschließlich {{ store_credit.until }}{% endif %}.\n\nIhr Code: {{ store_credit.code }}\n\nGeben Sie ihn beim Bezahlen ein und behalten Sie ihn für sich: Wer den Code hat, kann das Guthaben einlösen.\n\n" + _END,
    ),
    "store_credit.stopped": Text(
        "Ihr Guthaben zur Bestellung {{ order.number }} wurde beendet",
        "Guten Tag {{ customer.name }},\n\nIhr Guthaben {{ ended_credit.number }} bei {{ shop.name }} zur Bestellung {{ order.number }} wurde beendet. Der Rest von {{ ended_credit.amount }} kann nicht mehr eingelöst werden.\n\nHaben Sie dazu eine Frage? Antworten Sie einfach auf diese Nachricht.\n\n" + _END,
    ),
}  # fmt: skip
