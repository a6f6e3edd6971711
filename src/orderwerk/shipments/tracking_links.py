"""Where a parcel is followed: a carrier's link, made of its template, and the templates that are ready to be taken over."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from orderwerk.core.errors import BadInput

# Signs that need no quoting wherever the link is written: into a page, a text or an e-mail. The place is never a placeholder.
_TEMPLATE = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~:/?#@!$&*+,;=%{}-]*\Z")
_NAMES = ("code", "postal_code", "country")


@dataclass(frozen=True, slots=True)
class Ready:
    """A carrier that a merchant can take over as it is: what it is called and where its parcels are followed."""

    code: str
    name: str
    tracking_link: str


READY = (
    Ready(
        "postnl",
        "PostNL",
        "https://jouw.postnl.nl/track-and-trace/{code}-{country}-{postal_code}",
    ),
    Ready(
        "dhl-ecommerce",
        "DHL eCommerce",
        "https://my.dhlecommerce.nl/home/tracktrace/{code}/{postal_code}",
    ),
    Ready(
        "dhl-express",
        "DHL Express",
        "https://www.dhl.com/global-en/home/tracking.html?tracking-id={code}",
    ),
    Ready("dpd", "DPD", "https://tracking.dpd.de/status/nl_NL/parcel/{code}"),
    Ready("ups", "UPS", "https://www.ups.com/track?tracknum={code}"),
)


def check_template(template: str) -> None:
    """Refuse (BadInput) a template that is no https address, lacks the code, or names what nobody fills in."""
    plain = template
    for name in _NAMES:
        plain = plain.replace("{" + name + "}", "")
    if not template:
        return
    if not _TEMPLATE.match(template) or "{code}" not in template or "{" in plain or "}" in plain:
        raise BadInput(
            "A tracking link starts with https://, names its place, and has {code} where the tracking code goes; "
            "{postal_code} and {country} are filled in too.",
            code="bad_tracking_link",
            pointer="/tracking_link",
        )


def tracking_link(template: str, code: str, postal_code: str, country: str) -> str:
    """Return where a parcel is followed; nothing where the template asks for what is not known."""
    values = {"code": code.strip(), "postal_code": "".join(postal_code.split()), "country": country}
    made = template
    for name in _NAMES:
        sign = "{" + name + "}"
        if sign in made and not values[name]:
            return ""
        made = made.replace(sign, quote(values[name], safe=""))
    return made
