"""Whether goods may come back: within the window, from this country, this article. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from orderwerk.core.money import round_half_away
from orderwerk.return_requests.statuses import Outcome


@dataclass(frozen=True, slots=True)
class Policy:
    """What a shop takes back; amounts in minor units of the shop's currency. `keep_up_to_minor` and all after it: see ReturnPolicy."""

    window_days: int = 30
    timezone: str = "UTC"
    outcomes: tuple[str, ...] = (Outcome.REFUND,)
    countries: tuple[str, ...] = ()
    excluded_skus: frozenset[str] = frozenset()
    fee_minor: int = 0
    approve_at_once: bool = False
    colour: str = ""
    instructions: dict[str, str] = field(default_factory=dict)
    keep_up_to_minor: int | None = None
    gift_returns: bool = False
    currency: str = ""
    free_reasons: frozenset[str] = frozenset()
    photo_reasons: frozenset[str] = frozenset()
    checked_reasons: frozenset[str] = frozenset()
    ways: tuple[str, ...] = ()
    drop_locations: tuple[str, ...] = ()

    def is_free(self, reasons: Iterable[str]) -> bool:
        """Tell whether a return for these reasons costs nothing: each of them is the shop's to bear."""
        return self.free_reasons.issuperset(reasons)

    def wants_photo(self, reasons: Iterable[str]) -> bool:
        """Tell whether a customer who gives any of these reasons has to show it."""
        return not self.photo_reasons.isdisjoint(reasons)

    def wants_approval(self, reasons: Iterable[str]) -> bool:
        """Tell whether a colleague decides about any of these reasons, also where the shop approves by itself."""
        return not self.checked_reasons.isdisjoint(reasons)


@dataclass(slots=True)
class LineFacts:
    """What is to be known of an order line: how much of it may come back, and when the last of it left or arrived.

    `ordered` without what was cancelled; `unsent` of that is still here; `announced` in requests that are not finished,
    `as_gift` of that by whoever received it. `quantity` pieces were sold for `gross_minor` of `currency`.
    """

    id: UUID
    order_id: UUID
    shop_id: UUID
    sku: str
    name: str
    product_id: UUID | None
    left: int
    last_moment: datetime | None
    country: str
    ordered: int
    unsent: int
    announced: int
    quantity: int
    gross_minor: int
    currency: str
    as_gift: int

    @property
    def can_be_announced(self) -> int:
        """Pieces that were shipped, have not come back, and that the buyer has not announced already.

        Those of a gift are not counted: what a stranger announces takes nothing from the buyer, and tells them nothing.
        """
        return max(0, self.left - self.announced + self.as_gift)

    @property
    def can_be_announced_as_gift(self) -> int:
        """Pieces that were shipped, have not come back, and that nobody has announced already."""
        return max(0, self.left - self.announced)

    def worth(self, pieces: int) -> int:
        """Return what so many pieces were sold for, VAT included."""
        return worth(self.gross_minor, pieces, self.quantity)


def worth(gross: int, pieces: int, quantity: int) -> int:
    """Return what some pieces of a line were sold for, VAT included; in minor units."""
    return round_half_away(gross * pieces, quantity)


def last_day(moment: datetime | None, policy: Policy) -> date | None:
    """Return the last day on which goods may be announced: so many days after they came (else left), in the shop's zone."""
    if moment is None:
        return None
    return moment.astimezone(ZoneInfo(policy.timezone)).date() + timedelta(days=policy.window_days)


def why_not(line: LineFacts, policy: Policy, now: datetime) -> str | None:
    """Return the code of what stands in the way of this line's return, None when nothing does."""
    if line.sku in policy.excluded_skus:
        return "not_returnable"
    if policy.countries and line.country not in policy.countries:
        return "country_not_returnable"
    day = last_day(line.last_moment, policy)
    if day is not None and now.astimezone(ZoneInfo(policy.timezone)).date() > day:
        return "window_closed"
    return None


def why_no_repair(line: LineFacts, policy: Policy) -> str | None:
    """Return the code of what stands in the way of this line's repair, None when nothing does.

    Neither the window for returns nor the list of what is taken back bounds it: what is broken is owed longer than that.
    """
    if policy.countries and line.country not in policy.countries:
        return "country_not_returnable"
    return None


def keep_limit(policy: Policy, currency: str) -> int | None:
    """Return up to what worth goods of an order in this currency may be kept, None when nothing may.

    The limit is in the shop's currency, and says nothing of orders in another.
    """
    return policy.keep_up_to_minor if currency == policy.currency else None


def fee_of(policy: Policy, currency: str) -> int:
    """Return what returning goods of an order in this currency costs the customer, in minor units of it.

    The fee is in the shop's currency, and says nothing of orders in another: those pay none.
    """
    return policy.fee_minor if currency == policy.currency else 0


def eats_all(fee: int, worth_minor: int, outcome: str) -> bool:
    """Tell whether a fee leaves nothing of what goods were sold for; never where they may be kept and nothing is sent."""
    return fee > 0 and worth_minor <= fee and outcome != Outcome.KEEP


WITHDRAWAL_DAYS = 14


def may_withdraw(last_moment: datetime | None, timezone: str, now: datetime) -> bool:
    """Tell whether a consumer still has the right of withdrawal: until 14 days after the last goods came.

    Directive 2011/83/EU, art. 9(2)(b)(i); the day of delivery does not count (Regulation 1182/71, art. 3).
    """
    if last_moment is None:
        return True
    zone = ZoneInfo(timezone)
    end = last_moment.astimezone(zone).date() + timedelta(days=WITHDRAWAL_DAYS)
    return now.astimezone(zone).date() <= end
