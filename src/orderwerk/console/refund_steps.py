"""What happens next to a refund, in the reader's words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By the keys of `refunds/rules.py`.
NEXT: dict[str, str | Promise] = {
    "approve": _("Somebody has to approve it."),
    "approve_by_other": _("Somebody else than %(author)s has to approve it."),
    "hand_over": _("It is handed over within a minute."), "next_run": _("It is sent with the next run."),
    "transfer": _("Transfer the amount, then note it as paid."),
    "in_file": _("It stands in the file %(batch)s for the bank: note it as paid when the bank has done it. Transfer nothing by hand."),
    "keep": _("The money for it was charged back meanwhile, and too little is left: do not transfer it, and note it as failed."),
    "send": _("It is sent to %(via)s in a moment."),
    "calling": _("%(via)s is being asked for it right now."),
    "look_up": _("In doubt: whether %(via)s took it is looked up there before anything is tried again."),
    "wait": _("%(via)s has it; what becomes of it is asked for until it is settled."),
    "taken_back": _("Its payment was charged back meanwhile, and too little is left for it: reject it, or wait until the bank gives the money back."),
    "contested": _("The payment that its money came from was charged back: reject it, or wait until the bank gives the money back."),
    "settled": _("Nothing: the money has gone back."),
    "netted": _("Nothing: it has paid for the new order %(note)s of an exchange."),
    "stored": _("Nothing: it stays with the shop as store credit %(reference)s."),
    "came_back": _("The money came back; pay the credit invoice back once more."),
    "retry": _("Try it again, or pay it by hand; the amount is free meanwhile."),
    "rejected": _("Nothing: the amount is free."),
}  # fmt: skip
