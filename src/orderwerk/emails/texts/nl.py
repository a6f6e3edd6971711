"""Dutch texts."""

from orderwerk.emails.texts.text import Text

_LINES = "{% for line in order.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.total }}\n{% endfor %}"
_PARCEL = "{% for line in shipment.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_TRACK = (
    "{% if shipment.tracking_url %}[Volg je pakket]({{ shipment.tracking_url }})\n\n{% endif %}"
    "{% if shipment.tracking_code %}Track & trace-code: {{ shipment.tracking_code }}\n\n{% endif %}"
)
_END = "[Je bestelling]({{ order.track_url }})\n\nKlopt er iets niet? Beantwoord dan gewoon deze e-mail.\n\nMet vriendelijke groet,\n{{ shop.name }}\n"

_ASKED = "{% for line in return_request.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.reason }}\n{% endfor %}"
_CAME = "{% for line in returned.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_HOW = (
    "{% if return_request.fee != '' %}Je betaalt er {{ return_request.fee }} voor.\n\n{% endif %}"
    "{% if return_request.instructions != '' %}{% if return_request.is_brought == false %}Zo stuur je het terug:\n{% endif %}{{ return_request.instructions }}\n\n{% endif %}"
)

TEXTS = {
    "order.received": Text(
        "We hebben je bestelling {{ order.number }} ontvangen",
        "Beste {{ customer.name }},\n\nBedankt voor je bestelling {{ order.number }} van {{ order.placed_on }}:\n\n"
        + _LINES
        + "\n{% if order.shipping %}Verzending: {{ order.shipping }}\n{% endif %}Totaal: {{ order.total }}\n\n"
        "{% if order.is_paid == false %}Zodra je betaling binnen is, versturen we je bestelling.\n\n{% endif %}"
        "{% if order.collect_at == '' %}We sturen het naar:\n{{ order.address }}{% else %}Je haalt het op bij {{ order.collect_at }}. Je hoort van ons zodra het klaarligt.{% endif %}\n\n" + _END,
    ),
    "order.paid": Text(
        "Je betaling voor bestelling {{ order.number }} is binnen",
        "Beste {{ customer.name }},\n\nJe betaling van {{ order.paid }} voor bestelling {{ order.number }} is binnen. "
        "We maken alles voor je klaar.\n\n" + _END,
    ),
    "order.cancelled": Text(
        "{% if cancellation.is_whole %}Je bestelling {{ order.number }} is geannuleerd"
        "{% else %}Een deel van je bestelling {{ order.number }} is geannuleerd{% endif %}",
        "Beste {{ customer.name }},\n\n{% if cancellation.is_whole %}Je bestelling {{ order.number }} is geannuleerd."
        "{% else %}Dit deel van je bestelling {{ order.number }} blijft over:{% endif %}\n\n"
        "{% for line in order.left %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n" + _END,
    ),
    "substitution.proposed": Text(
        "Mogen we een ander artikel sturen? Bestelling {{ order.number }}",
        "Beste {{ customer.name }},\n\nWe komen een artikel van je bestelling {{ order.number }} tekort:\n\n- {{ substitution.quantity }} × {{ substitution.instead_of }}\n\nIn plaats daarvan kunnen we je dit sturen:\n\n- {{ substitution.quantity }} × {{ substitution.name }} – {{ substitution.total }}\n\nJe betaalt nooit meer dan was afgesproken. Laat het ons weten, uiterlijk {{ substitution.until }}; horen we niets, dan blijven we wachten op het artikel dat je hebt besteld.\n\n[Zeg ja of nee]({{ substitution.url }})\n\n" + _END,
    ),
    "shipment.shipped": Text(
        "Je bestelling {{ order.number }} is onderweg",
        "Beste {{ customer.name }},\n\nJe bestelling {{ order.number }} is verzonden:\n\n" + _PARCEL + "\n" + _TRACK + _END,
    ),
    "shipment.partly_shipped": Text(
        "Een deel van je bestelling {{ order.number }} is onderweg",
        "Beste {{ customer.name }},\n\nDit deel van je bestelling {{ order.number }} is verzonden:\n\n"
        + _PARCEL
        + "\nDe rest volgt.\n\n"
        + _TRACK
        + _END,
    ),
    "shipment.delivered": Text(
        "Je bestelling {{ order.number }} is bezorgd",
        "Beste {{ customer.name }},\n\nVolgens de vervoerder is je pakket bezorgd:\n\n" + _PARCEL + "\n" + _END,
    ),
    "shipment.ready": Text(
        "Je bestelling {{ order.number }} ligt klaar",
        "Beste {{ customer.name }},\n\nDit van je bestelling {{ order.number }} ligt voor je klaar:\n\n" + _PARCEL + "\nJe kunt het tot en met {{ shipment.collect_by }} ophalen bij:\n{{ shipment.place }}\n{{ shipment.place_address }}\n\nNeem het nummer van je bestelling mee.\n\n" + _END,
    ),
    "return_request.received": Text(
        "Je retour {{ return_request.number }} is aangemeld",
        "Beste {{ customer.name }},\n\n{% if return_request.asks_to_keep %}We hebben ontvangen dat je dit van bestelling {{ order.number }} liever houdt:{% else %}We hebben ontvangen dat je dit van bestelling {{ order.number }} wilt terugsturen:{% endif %}\n\n" + _ASKED + "\n{% if return_request.asks_to_keep %}Stuur nog niets terug: we bekijken je wens en laten het je weten.\n\n{% endif %}" + _HOW + _END,
    ),
    "return_request.approved": Text(
        "Je mag je retour {{ return_request.number }} terugsturen",
        "Beste {{ customer.name }},\n\nJe mag dit van bestelling {{ order.number }} terugsturen:\n\n" + _ASKED + "\n" + _HOW + _END,
    ),
    "return_request.rejected": Text(
        "We kunnen je retour {{ return_request.number }} niet terugnemen",
        "Beste {{ customer.name }},\n\nHet spijt ons: we kunnen dit van bestelling {{ order.number }} niet terugnemen:\n\n" + _ASKED + "\n{{ return_request.reason }}\n\n" + _END,
    ),
    "return_request.kept": Text(
        "Je mag houden wat je van bestelling {{ order.number }} wilde terugsturen",
        "Beste {{ customer.name }},\n\nDit hoef je van bestelling {{ order.number }} niet terug te sturen; houd het maar:\n\n" + _ASKED + "\n{% if return_request.reason %}{{ return_request.reason }}\n\n{% endif %}Wat je ervoor hebt betaald, krijg je toch.\n\n" + _END,
    ),
    "return_label.made": Text(
        "Het label voor je retour {{ return_request.number }} is er",
        "Beste {{ customer.name }},\n\n{{ return_label.carrier }} heeft het label gemaakt voor je retour {{ return_request.number }} van bestelling {{ order.number }}:\n\n" + _ASKED + "\n{% if return_label.is_paperless %}Je hoeft niets te printen: laat de code op de pagina van je bestelling zien waar je het pakket afgeeft.{% else %}Het label zit bij deze e-mail, en je vindt het op de pagina van je bestelling. Print het en plak het op het pakket.{% endif %} De code van het pakket is {{ return_label.barcode }}.\n\n" + _END,
    ),
    "repair.received": Text(
        "We hebben ontvangen wat je ter reparatie opstuurde",
        "Beste {{ customer.name }},\n\nDit van je bestelling {{ order.number }} is aangekomen, en we kijken ernaar:\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\nHet blijft van jou. Je hoort van ons als het naar je terugkomt.\n\n" + _END,
    ),
    "repair.sent_back": Text(
        "{% if repair.is_repaired %}Gerepareerd, en naar je onderweg{% else %}Niet gerepareerd, en naar je onderweg{% endif %}",
        "Beste {{ customer.name }},\n\n{% if repair.is_repaired %}We hebben dit van je bestelling {{ order.number }} gerepareerd, en het is naar je onderweg:{% else %}We konden dit van je bestelling {{ order.number }} niet repareren; het is naar je onderweg:{% endif %}\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n{% if repair.note %}{{ repair.note }}\n\n{% endif %}{% if repair.tracking_code %}{{ repair.carrier }} {{ repair.tracking_code }}\n\n{% endif %}" + _END,
    ),
    "portal.link": Text(
        "De link naar je bestelling {{ order.number }}",
        "Beste {{ customer.name }},\n\nHier is de link naar de pagina van je bestelling {{ order.number }}, waar jij, of iemand die het nummer kent, om vroeg:\n\n" + _END,
    ),
    "withdrawal.received": Text(
        "Je herroeping van bestelling {{ order.number }} is ontvangen",
        "Beste {{ withdrawal.name }},\n\nWe hebben je verklaring van herroeping {{ withdrawal.number }} ontvangen op {{ withdrawal.received_at }}.\n\nHierbij herroep ik de overeenkomst van bestelling {{ order.number }} van {{ order.placed_on }} over de volgende artikelen:\n\n{% for line in withdrawal.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}{% if withdrawal.lines.size == 0 %}- De hele bestelling\n{% endif %}\n{{ withdrawal.name }}\n\n{% if withdrawal.return_number != '' %}Je mag de artikelen terugsturen met retournummer {{ withdrawal.return_number }}: [je bestelling]({{ order.track_url }}).\n\n{% endif %}" + _END,
    ),
    "return.processed": Text(
        "Je retour {{ returned.number }} is binnen",
        "Beste {{ customer.name }},\n\nWe hebben dit van bestelling {{ order.number }} ontvangen:\n\n" + _CAME + "\n{% if returned.credited != '' %}We crediteren je {{ returned.credited }}.\n\n{% endif %}" + _END,
    ),
    "refund.sent": Text(
        "Je terugbetaling van bestelling {{ order.number }} is onderweg",
        "Beste {{ customer.name }},\n\nWe hebben {{ refund.amount }} van bestelling {{ order.number }} terugbetaald{% if refund.by_bank %} per bankoverschrijving{% else %} op de manier waarop je hebt betaald{% endif %}. Het kan enkele werkdagen duren voordat je het op je rekening ziet.\n\n" + _END,
    ),
    "store_credit.issued": Text(
        "Je tegoed voor bestelling {{ order.number }}",
        "Beste {{ customer.name }},\n\nVoor bestelling {{ order.number }} heb je een tegoed bij {{ shop.name }}. Er staat nu {{ store_credit.remaining }} op{% if store_credit.until %}; je kunt het besteden tot en met {{ store_credit.until }}{% endif %}.\n\nJe code: {{ store_credit.code }}\n\nVul hem in bij het afrekenen en houd hem voor jezelf: wie de code heeft, kan het tegoed besteden.\n\n" + _END,
    ),
    "store_credit.stopped": Text(
        "Je tegoed voor bestelling {{ order.number }} is beëindigd",
        "Beste {{ customer.name }},\n\nJe tegoed {{ ended_credit.number }} bij {{ shop.name }}, voor bestelling {{ order.number }}, is beëindigd. Wat er nog op stond, {{ ended_credit.amount }}, kun je niet meer besteden.\n\nHeb je hier een vraag over? Beantwoord dan dit bericht.\n\n" + _END,
    ),
}  # fmt: skip
