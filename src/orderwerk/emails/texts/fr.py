"""French texts."""

from orderwerk.emails.texts.text import Text

_LINES = "{% for line in order.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.total }}\n{% endfor %}"
_PARCEL = "{% for line in shipment.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_TRACK = (
    "{% if shipment.tracking_url %}[Suivre mon colis]({{ shipment.tracking_url }})\n\n{% endif %}"
    "{% if shipment.tracking_code %}Numéro de suivi : {{ shipment.tracking_code }}\n\n{% endif %}"
)
_END = "[Votre commande]({{ order.track_url }})\n\nQuelque chose ne va pas ? Répondez simplement à ce message.\n\nCordialement,\n{{ shop.name }}\n"

_ASKED = "{% for line in return_request.lines %}- {{ line.quantity }} × {{ line.name }} – {{ line.reason }}\n{% endfor %}"
_CAME = "{% for line in returned.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}"
_HOW = (
    "{% if return_request.fee != '' %}Cela vous coûte {{ return_request.fee }}.\n\n{% endif %}"
    "{% if return_request.instructions != '' %}{% if return_request.is_brought == false %}Comment le renvoyer :\n{% endif %}{{ return_request.instructions }}\n\n{% endif %}"
)

TEXTS = {
    "order.received": Text(
        "Nous avons bien reçu votre commande {{ order.number }}",
        "Bonjour {{ customer.name }},\n\nMerci pour votre commande {{ order.number }} du {{ order.placed_on }} :\n\n"
        + _LINES
        + "\n{% if order.shipping %}Livraison : {{ order.shipping }}\n{% endif %}Total : {{ order.total }}\n\n"
        "{% if order.is_paid == false %}Nous l'expédierons dès réception de votre paiement.\n\n{% endif %}"
        "{% if order.collect_at == '' %}Adresse de livraison :\n{{ order.address }}{% else %}Vous la retirez ici : {{ order.collect_at }}. Nous vous écrivons dès qu’elle vous attend.{% endif %}\n\n" + _END,
    ),
    "order.paid": Text(
        "Votre paiement pour la commande {{ order.number }} est arrivé",
        "Bonjour {{ customer.name }},\n\nVotre paiement de {{ order.paid }} pour la commande {{ order.number }} est arrivé. "
        "Nous préparons tout.\n\n" + _END,
    ),
    "order.cancelled": Text(
        "{% if cancellation.is_whole %}Votre commande {{ order.number }} a été annulée"
        "{% else %}Une partie de votre commande {{ order.number }} a été annulée{% endif %}",
        "Bonjour {{ customer.name }},\n\n{% if cancellation.is_whole %}Votre commande {{ order.number }} a été annulée."
        "{% else %}Il reste de votre commande {{ order.number }} :{% endif %}\n\n"
        "{% for line in order.left %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n" + _END,
    ),
    "substitution.proposed": Text(
        "Pouvons-nous vous envoyer un autre article ? Commande {{ order.number }}",
        "Bonjour {{ customer.name }},\n\nIl nous manque un article de votre commande {{ order.number }} :\n\n- {{ substitution.quantity }} × {{ substitution.instead_of }}\n\nÀ la place, nous pouvons vous envoyer :\n\n- {{ substitution.quantity }} × {{ substitution.name }} – {{ substitution.total }}\n\nVous ne payez jamais plus que convenu. Merci de répondre avant le {{ substitution.until }} ; sans réponse de votre part, nous continuons d'attendre l'article commandé.\n\n[Dites oui ou non]({{ substitution.url }})\n\n" + _END,
    ),
    "shipment.shipped": Text(
        "Votre commande {{ order.number }} est en route",
        "Bonjour {{ customer.name }},\n\nVotre commande {{ order.number }} est partie :\n\n" + _PARCEL + "\n" + _TRACK + _END,
    ),
    "shipment.partly_shipped": Text(
        "Une partie de votre commande {{ order.number }} est en route",
        "Bonjour {{ customer.name }},\n\nCette partie de votre commande {{ order.number }} est partie :\n\n"
        + _PARCEL
        + "\nLe reste suivra.\n\n"
        + _TRACK
        + _END,
    ),
    "shipment.delivered": Text(
        "Votre commande {{ order.number }} a été livrée",
        "Bonjour {{ customer.name }},\n\nSelon le transporteur, votre colis est arrivé :\n\n" + _PARCEL + "\n" + _END,
    ),
    "shipment.ready": Text(
        "Votre commande {{ order.number }} vous attend",
        "Bonjour {{ customer.name }},\n\nCeci de votre commande {{ order.number }} est prêt à être retiré :\n\n" + _PARCEL + "\nVous pouvez le retirer jusqu’au {{ shipment.collect_by }} à cette adresse :\n{{ shipment.place }}\n{{ shipment.place_address }}\n\nMerci d’apporter le numéro de votre commande.\n\n" + _END,
    ),
    "return_request.received": Text(
        "Votre retour {{ return_request.number }} est annoncé",
        "Bonjour {{ customer.name }},\n\n{% if return_request.asks_to_keep %}Nous avons bien reçu votre souhait de garder ceci de la commande {{ order.number }} :{% else %}Nous avons bien reçu votre demande de retour pour la commande {{ order.number }} :{% endif %}\n\n" + _ASKED + "\n{% if return_request.asks_to_keep %}N’envoyez rien pour l’instant : nous examinons votre souhait et vous tiendrons au courant.\n\n{% endif %}" + _HOW + _END,
    ),
    "return_request.approved": Text(
        "Vous pouvez envoyer votre retour {{ return_request.number }}",
        "Bonjour {{ customer.name }},\n\nVous pouvez renvoyer ceci de la commande {{ order.number }} :\n\n" + _ASKED + "\n" + _HOW + _END,
    ),
    "return_request.rejected": Text(
        "Nous ne pouvons pas reprendre votre retour {{ return_request.number }}",
        "Bonjour {{ customer.name }},\n\nNous sommes désolés : nous ne pouvons pas reprendre ceci de la commande {{ order.number }} :\n\n" + _ASKED + "\n{{ return_request.reason }}\n\n" + _END,
    ),
    "return_request.kept": Text(
        "Gardez ce que vous vouliez renvoyer de la commande {{ order.number }}",
        "Bonjour {{ customer.name }},\n\nVous n’avez pas à renvoyer ceci de la commande {{ order.number }} ; gardez-le :\n\n" + _ASKED + "\n{% if return_request.reason %}{{ return_request.reason }}\n\n{% endif %}Ce que vous avez payé vous est rendu malgré tout.\n\n" + _END,
    ),
    "return_label.made": Text(
        "L’étiquette de votre retour {{ return_request.number }} est prête",
        "Bonjour {{ customer.name }},\n\n{{ return_label.carrier }} a préparé l’étiquette de votre retour {{ return_request.number }} de la commande {{ order.number }} :\n\n" + _ASKED + "\n{% if return_label.is_paperless %}Vous n’avez rien à imprimer : présentez le code de la page de votre commande là où vous déposez le colis.{% else %}L’étiquette est jointe à cet e-mail, et vous la trouvez sur la page de votre commande. Imprimez-la et collez-la sur le colis.{% endif %} Le code du colis est {{ return_label.barcode }}.\n\n" + _END,
    ),
    "repair.received": Text(
        "Nous avons reçu ce que vous avez envoyé en réparation",
        "Bonjour {{ customer.name }},\n\nCeci de votre commande {{ order.number }} est arrivé, et nous l’examinons :\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\nCela reste à vous. Nous vous écrivons dès que cela repart.\n\n" + _END,
    ),
    "repair.sent_back": Text(
        "{% if repair.is_repaired %}Réparé, et en route vers vous{% else %}Non réparé, et en route vers vous{% endif %}",
        "Bonjour {{ customer.name }},\n\n{% if repair.is_repaired %}Nous avons réparé ceci de votre commande {{ order.number }}, et c’est en route vers vous :{% else %}Nous n’avons pas pu réparer ceci de votre commande {{ order.number }} ; c’est en route vers vous :{% endif %}\n\n{% for line in repair.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}\n{% if repair.note %}{{ repair.note }}\n\n{% endif %}{% if repair.tracking_code %}{{ repair.carrier }} {{ repair.tracking_code }}\n\n{% endif %}" + _END,
    ),
    "portal.link": Text(
        "Le lien vers votre commande {{ order.number }}",
        "Bonjour {{ customer.name }},\n\nVoici le lien vers la page de votre commande {{ order.number }}, que vous, ou quelqu’un qui en connaît le numéro, avez demandé :\n\n" + _END,
    ),
    "withdrawal.received": Text(
        "Votre rétractation de la commande {{ order.number }} est reçue",
        "Bonjour {{ withdrawal.name }},\n\nNous avons reçu votre déclaration de rétractation {{ withdrawal.number }} le {{ withdrawal.received_at }}.\n\nPar la présente, je me rétracte du contrat de la commande {{ order.number }} du {{ order.placed_on }} portant sur les biens suivants :\n\n{% for line in withdrawal.lines %}- {{ line.quantity }} × {{ line.name }}\n{% endfor %}{% if withdrawal.lines.size == 0 %}- Toute la commande\n{% endif %}\n{{ withdrawal.name }}\n\n{% if withdrawal.return_number != '' %}Vous pouvez renvoyer les biens avec le numéro de retour {{ withdrawal.return_number }} : [votre commande]({{ order.track_url }}).\n\n{% endif %}" + _END,
    ),
    "return.processed": Text(
        "Votre retour {{ returned.number }} est arrivé",
        "Bonjour {{ customer.name }},\n\nNous avons reçu ceci de la commande {{ order.number }} :\n\n" + _CAME + "\n{% if returned.credited != '' %}Nous vous créditons {{ returned.credited }}.\n\n{% endif %}" + _END,
    ),
    "refund.sent": Text(
        "Le remboursement de votre commande {{ order.number }} est en route",
        "Bonjour {{ customer.name }},\n\nNous avons remboursé {{ refund.amount }} de la commande {{ order.number }}{% if refund.by_bank %} par virement{% else %} par le moyen de paiement que vous avez utilisé{% endif %}. Quelques jours ouvrés peuvent passer avant que la somme apparaisse sur votre compte.\n\n" + _END,
    ),
    "store_credit.issued": Text(
        "Votre avoir pour la commande {{ order.number }}",
        "Bonjour {{ customer.name }},\n\nPour la commande {{ order.number }}, vous avez un avoir chez {{ shop.name }}. Il contient maintenant {{ store_credit.remaining }}{% if store_credit.until %} ; vous pouvez l’utiliser jusqu’au {{ store_credit.until }} inclus{% endif %}.\n\nVotre code : {{ store_credit.code }}\n\nSaisissez-le au moment de payer et gardez-le pour vous : quiconque a le code peut utiliser l’avoir.\n\n" + _END,
    ),
    "store_credit.stopped": Text(
        "Votre avoir pour la commande {{ order.number }} a pris fin",
        "Bonjour {{ customer.name }},\n\nVotre avoir {{ ended_credit.number }} chez {{ shop.name }}, pour la commande {{ order.number }}, a pris fin. Le solde de {{ ended_credit.amount }} ne peut plus être utilisé.\n\nUne question à ce sujet ? Répondez à ce message.\n\n" + _END,
    ),
}  # fmt: skip
