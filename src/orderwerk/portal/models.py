"""How often somebody guessed wrongly; nothing in it says who: keys are hashes."""

from django.db import models
from django.db.models import Q


class Guess(models.Model):
    """Tries of one address, or at one order number, within one window. Written by `guesses`; old windows go."""

    key = models.BinaryField()
    window_start = models.DateTimeField()
    tries = models.IntegerField()

    class Meta:
        db_table = "portal_guess"
        constraints = [
            models.UniqueConstraint(fields=["key", "window_start"], name="portal_guess_once"),
            models.CheckConstraint(condition=Q(tries__gte=0), name="portal_guess_tries"),
        ]
