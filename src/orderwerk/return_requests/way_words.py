"""What customers read of the way back that they chose, in their four languages: on the slip, in letters and on their pages."""

BRING = {
    "en": "Bring it to",
    "nl": "Breng het naar",
    "de": "Bringen Sie es zu",
    "fr": "Apportez-le à",
}
# What follows the line above where the place comes next.
COLON = {"en": ":", "nl": ":", "de": ":", "fr": " :"}
# With the place's name.
CLOSED = {
    "en": "{place}, where you wanted to bring it, is not open any more. Write to us before you bring or send anything.",
    "nl": "{place}, waar je het heen zou brengen, is niet meer open. Schrijf ons voordat je iets brengt of opstuurt.",
    "de": "{place}, wohin Sie es bringen wollten, ist nicht mehr geöffnet. Schreiben Sie uns, bevor Sie etwas bringen oder senden.",
    "fr": "{place}, où vous vouliez l’apporter, n’est plus ouvert. Écrivez-nous avant d’apporter ou d’envoyer quoi que ce soit.",
}
OWN = {
    "en": "You send it with a carrier of your own choice.",
    "nl": "Je verstuurt het met een vervoerder die je zelf kiest.",
    "de": "Sie senden es mit einem Paketdienst Ihrer Wahl.",
    "fr": "Vous l’envoyez par un transporteur de votre choix.",
}
