"""The forms of a shipment: parcels, track & trace, a part of it, a step on its way."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from orderwerk.console.forms.carriers import offer_carriers
from orderwerk.console.forms.serials import MOST_TYPED, serial_widget, typed_serials
from orderwerk.console.statuses import STEPS
from orderwerk.shipments.carrier_queries import CarrierRow
from orderwerk.shipments.packing import MAX_PACKAGES
from orderwerk.shipments.queries import PackageRow, ShipmentDetail, ShipmentLineRow, ShipmentRow
from orderwerk.shipments.serial_queries import SerialArticle


class WayForm(forms.Form):
    """How a parcel goes, at the packing table."""

    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    service = forms.CharField(label=_("Service"), max_length=200, required=False)

    def __init__(self, found: ShipmentRow, carriers: Sequence[CarrierRow]) -> None:
        super().__init__(initial={"carrier": found.carrier, "service": found.service})
        offer_carriers(self, carriers, (found.carrier, found.service))


class TrackForm(forms.Form):
    """Track & trace, typed by hand."""

    tracking_code = forms.CharField(label=_("Tracking code"), max_length=100, required=False)
    tracking_url = forms.URLField(
        label=_("Tracking link"), max_length=1000, required=False, assume_scheme="https"
    )
    carrier = forms.ChoiceField(label=_("Carrier"), required=False)
    service = forms.CharField(label=_("Service"), max_length=200, required=False)

    def __init__(
        self,
        typed: QueryDict | None,
        *,
        found: ShipmentRow,
        carriers: Sequence[CarrierRow],
    ) -> None:
        super().__init__(typed, initial={name: getattr(found, name) for name in self.base_fields})
        offer_carriers(self, carriers, (found.carrier, found.service))
        made = found.tracking_link
        if made and not found.tracking_url:
            self.fields["tracking_url"].help_text = _("Empty: the link of its carrier.")

    def item(self, shipment_id: str) -> dict[str, Any]:
        """Return the command's item; what the page had no field for stays: what has left keeps how it left."""
        left_out = {name for name in ("carrier", "service") if name not in self.data}
        left_out |= {"carrier"} - {n for n, value in self.cleaned_data.items() if value}
        values = {n: value for n, value in self.cleaned_data.items() if n not in left_out}
        return {"shipment_id": shipment_id, **values}


def _code_field(package: PackageRow) -> forms.CharField:
    return forms.CharField(
        label=_("Tracking code of package %(n)s") % {"n": package.position},
        max_length=100,
        required=False,
        initial=package.tracking_code,
    )


class CodesForm(forms.Form):
    """The own tracking codes of the packages of a shipment that has left; everything else of them stays."""

    def __init__(self, *args: Any, detail: ShipmentDetail, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.packages = detail.parts.packages
        for package in self.packages:
            self.fields[f"code-{package.position}"] = _code_field(package)
            self.fields[f"was-{package.position}"] = forms.CharField(
                required=False, initial=package.tracking_code, widget=forms.HiddenInput
            )

    def item(self, shipment_id: str) -> dict[str, Any]:
        """Return the command's item: every parcel as it is, with the code that was entered."""
        wanted = [
            {**_as_it_is(package), "tracking_code": self._code(package)}
            for package in self.packages
        ]
        return {"shipment_id": shipment_id, "packages": wanted}

    def _code(self, package: PackageRow) -> str:
        """Return the code as it is to be; where nothing else was typed than was shown, what a colleague typed meanwhile stays."""
        name = f"code-{package.position}"
        typed: str = self.cleaned_data[name]
        is_same = name not in self.data or typed == self.cleaned_data[f"was-{package.position}"]
        return package.tracking_code if is_same else typed


SIZE = re.compile(
    r"^\s*([1-9][0-9]{0,4})\s*[x×*]\s*([1-9][0-9]{0,4})\s*[x×*]\s*([1-9][0-9]{0,4})\s*$",
    re.IGNORECASE,
)


def _sizes(text: str) -> dict[str, int]:
    found = SIZE.match(text)
    names = ("length_mm", "width_mm", "height_mm")
    return dict(zip(names, map(int, found.groups()), strict=True)) if found else {}


def _has(package: PackageRow, sizes: dict[str, int]) -> bool:
    """Say whether a package still has these sizes: in another size it is another box."""
    names = ("length_mm", "width_mm", "height_mm")
    return all(getattr(package, name) == sizes.get(name) for name in names)


def _contents(package: PackageRow | None) -> list[dict[str, Any]]:
    return [
        {"shipment_line_id": str(x.shipment_line_id), "quantity": x.quantity}
        for x in (package.contents if package else ())
    ]


def _as_it_is(package: PackageRow) -> dict[str, Any]:
    names = ("weight_grams", "length_mm", "width_mm", "height_mm", "tracking_code", "box")
    plain = {name: getattr(package, name) for name in names}
    return {**plain, "contents": _contents(package)}


class ContentsForm(forms.Form):
    """What lies in which parcel: pieces of every line per parcel, also of the shipments `inside` it."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        detail: ShipmentDetail,
        inside: Sequence[ShipmentDetail],
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.packages = detail.parts.packages
        together = (detail, *inside)
        self.lines = [line for each in together for line in each.parts.lines if line.is_live]
        for package in self.packages:
            there = {x.shipment_line_id: x.quantity for x in package.contents}
            for line in self.lines:
                self.fields[f"pack-{package.position}-{line.id}"] = forms.IntegerField(
                    label=_("Package %(n)s: %(name)s")
                    % {"n": package.position, "name": f"{line.name} ({line.sku})"},
                    min_value=0,
                    max_value=line.quantity,
                    required=False,
                    initial=there.get(line.id),
                    help_text=_("of %(n)s") % {"n": line.quantity},
                )

    def item(self, shipment_id: str) -> dict[str, Any]:
        """Return the command's item: every parcel as it is, with what was entered in it."""
        wanted = []
        for package in self.packages:
            pieces = {
                str(line.id): self.cleaned_data.get(f"pack-{package.position}-{line.id}") or 0
                for line in self.lines
            }
            inside = [{"shipment_line_id": key, "quantity": n} for key, n in pieces.items() if n]
            wanted.append({**_as_it_is(package), "contents": inside})
        return {"shipment_id": shipment_id, "packages": wanted}


class MergeForm(forms.Form):
    """Which of the order's other shipments at the same location goes into this one."""

    other = forms.ChoiceField(label=_("Shipment"))

    def __init__(self, *args: Any, others: list[tuple[str, str]], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = others  # type: ignore[attr-defined]


class PackagesForm(forms.Form):
    """The parcels of a shipment: how many, and weight, size and own tracking code of each."""

    count = forms.IntegerField(label=_("Packages"), min_value=1, max_value=MAX_PACKAGES)

    def __init__(self, *args: Any, detail: ShipmentDetail, **kwargs: Any) -> None:  # noqa: ANN401
        packages = detail.parts.packages
        super().__init__(*args, **{**kwargs, "initial": {"count": len(packages)}})
        self.packages = packages
        for package in packages:
            self.fields[f"weight-{package.position}"] = forms.IntegerField(
                label=_("Weight of package %(n)s in grams") % {"n": package.position},
                min_value=0,
                max_value=1_000_000,
                required=False,
                initial=package.weight_grams,
            )
            sizes = (package.length_mm, package.width_mm, package.height_mm)
            self.fields[f"size-{package.position}"] = forms.RegexField(
                SIZE,
                label=_("Size of package %(n)s in millimetres") % {"n": package.position},
                required=False,
                max_length=40,
                initial=" × ".join(str(n) for n in sizes) if all(sizes) else "",
                help_text=_("Length × width × height, such as 300 × 200 × 100."),
                error_messages={"invalid": _("Write it as length × width × height.")},
            )
            self.fields[f"code-{package.position}"] = _code_field(package)

    def item(self, shipment_id: str) -> dict[str, Any]:
        """Return the command's item: every parcel, those added without a weight."""
        wanted = []
        for index in range(self.cleaned_data["count"]):
            known = self.packages[index] if index < len(self.packages) else None
            sizes = _sizes(self.cleaned_data.get(f"size-{index + 1}") or "")
            wanted.append(
                {
                    "weight_grams": self.cleaned_data.get(f"weight-{index + 1}"),
                    **sizes,
                    "tracking_code": self._code(known) if known else "",
                    "box": known.box if known and _has(known, sizes) else "",
                    "contents": _contents(known),
                }
            )
        return {"shipment_id": shipment_id, "packages": wanted}

    def _code(self, package: PackageRow) -> str:
        """Return a package's code: what was typed, or what it had where the page had no such field."""
        name = f"code-{package.position}"
        return str(self.cleaned_data[name]) if name in self.data else package.tracking_code


class PartForm(forms.Form):
    """How many pieces of each line leave now, and which, where pieces have serial numbers."""

    notify = forms.BooleanField(label=_("Send the customer an e-mail"), required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        lines: list[ShipmentLineRow],
        articles: Sequence[SerialArticle] = (),
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.articles = lines, articles
        for line in lines:
            self.fields[f"line-{line.id}"] = forms.IntegerField(
                label=f"{line.name} ({line.sku})",
                min_value=0,
                max_value=line.quantity,
                initial=line.quantity,
                help_text=_("of %(n)s") % {"n": line.quantity},
            )
        for index, article in enumerate(articles):
            self.fields[f"serials-{index}"] = forms.CharField(
                label=_("Serial numbers that leave: %(name)s")
                % {"name": f"{article.name} ({article.sku})"},
                required=False,
                max_length=MOST_TYPED,
                widget=serial_widget(),
                initial="\n".join(article.serials),
                help_text=_("One per line. Numbers of pieces that stay behind are scanned again."),
            )

    def pieces(self) -> list[dict[str, str]] | None:
        """Return the pieces that leave by their numbers; None where no article has any."""
        if not self.articles:
            return None
        return [
            {"sku": article.sku, "serial": serial}
            for index, article in enumerate(self.articles)
            for serial in typed_serials(self.cleaned_data[f"serials-{index}"])
        ]

    def chosen(self) -> list[dict[str, Any]]:
        """Return the lines that leave with their quantities."""
        found = []
        for line in self.lines:
            quantity = self.cleaned_data.get(f"line-{line.id}") or 0
            if quantity:
                found.append({"shipment_line_id": str(line.id), "quantity": quantity})
        return found

    @override
    def clean(self) -> dict[str, Any]:
        """Ask for at least one piece."""
        values = super().clean() or {}
        if not self.errors and not self.chosen():
            raise forms.ValidationError(_("Nothing would leave: enter at least one piece."))
        return values


class SplitForm(PartForm):
    """How many pieces of each line go in a shipment of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        del self.fields["notify"]
        for line in self.lines:
            self.fields[f"line-{line.id}"].initial = 0


class StepForm(forms.Form):
    """A step of a parcel on its way."""

    status = forms.ChoiceField(
        label=_("What happened"),
        choices=list(STEPS.items()),
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)
    text = forms.CharField(label=_("Note"), max_length=500, required=False)


class CancelShipmentForm(forms.Form):
    """Why a shipment does not go."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
