"""What stands on return slips, in the four languages of customers."""

WORDS = {
    "en": {
        "title": "Return slip", "page": "Page", "send_to": "Send it to", "from": "From", "order": "Order", "return": "Return", "announced": "Announced on",
        "quantity": "Quantity", "article": "Article", "reason": "Why", "how": "How to send it back",
        "lay_in": "Lay this sheet into the box, or show the code where you hand it in.", "cut": "Cut off and stick onto the box",
    },
    "nl": {
        "title": "Retourbon", "page": "Pagina", "send_to": "Sturen naar", "from": "Van", "order": "Bestelling", "return": "Retour", "announced": "Aangemeld op",
        "quantity": "Aantal", "article": "Artikel", "reason": "Waarom", "how": "Zo stuur je het terug",
        "lay_in": "Leg dit blad in de doos, of laat de code zien waar je het inlevert.", "cut": "Afknippen en op de doos plakken",
    },
    "de": {
        "title": "Rücksendeschein", "page": "Seite", "send_to": "Senden an", "from": "Von", "order": "Bestellung", "return": "Rücksendung", "announced": "Angemeldet am",
        "quantity": "Anzahl", "article": "Artikel", "reason": "Warum", "how": "So senden Sie es zurück",
        "lay_in": "Legen Sie dieses Blatt in das Paket, oder zeigen Sie den Code bei der Abgabe.", "cut": "Abschneiden und auf das Paket kleben",
    },
    "fr": {
        "title": "Bon de retour", "page": "Page", "send_to": "Envoyer à", "from": "De", "order": "Commande", "return": "Retour", "announced": "Annoncé le",
        "quantity": "Quantité", "article": "Article", "reason": "Pourquoi", "how": "Comment renvoyer",
        "lay_in": "Mettez cette feuille dans le colis, ou montrez le code au dépôt.", "cut": "À découper et à coller sur le colis",
    },
}  # fmt: skip
