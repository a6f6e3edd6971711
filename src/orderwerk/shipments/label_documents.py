"""The labels of shipments on paper: as the carrier made them, in the order of the packages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, NotFound, Refusal, WrongState, ensure
from orderwerk.core.keyset import Conditions
from orderwerk.core.typesetting import Document
from orderwerk.orders.visibility import limit_to_locations, limit_to_shops
from orderwerk.shipments.labels import ADDRESS

MOST_LABELS = 200
_SHIPMENTS = """
select s.id, s.number, s.status,
  coalesce((select b.number from shipments_shipment b where b.id = s.combined_into_id and b.status <> 'cancelled'), ''),
  s.status in ('open', 'announced') and exists (select from shipments_line k join orders_line i on i.id = k.order_line_id
    where k.shipment_id = s.id and k.is_live and i.cancel_requested > 0)
from shipments_shipment s where
"""
_COUNT = "select count(*) from shipments_package where shipment_id = any(%s::uuid[])"
_LABELS = f"""
select g.shipment_id, g.position, coalesce(l.status, ''), coalesce(l.address, '') <> {ADDRESS}, l.content
from shipments_package g join shipments_shipment s on s.id = g.shipment_id join orders_order o on o.id = s.order_id
left join shipments_label l on l.package_id = g.id
where g.shipment_id = any(%s::uuid[]) order by g.shipment_id, g.position
"""


@dataclass(frozen=True, slots=True)
class LabelBundle:
    """The labels that there are, of so many shipments, and why those of the others are not among them, by number."""

    document: Document | None
    count: int
    missing: dict[str, Refusal]


def shipping_labels(shipment_ids: Sequence[UUID], *, actor: Actor) -> Document:
    """Return the labels of shipments as one PDF, shipment by shipment as asked for, package by package; one alone as the carrier gave it.

    Refuses with NotFound a shipment that is not there for this actor; with WrongState a cancelled one, one that lies in another's
    parcel or holds goods that are to be cancelled, packages whose label is not made, shows another address than the shipment has now
    or was erased, and papers that cannot be read; with LimitExceeded more than 200 labels at once.
    """
    bundle = shipping_label_bundle(shipment_ids, actor=actor)
    for refusal in bundle.missing.values():
        raise refusal
    ensure(bundle.document is not None, "labels of which none is missing")
    return bundle.document or Document("", b"")


def shipping_label_bundle(shipment_ids: Sequence[UUID], *, actor: Actor) -> LabelBundle:
    """Return the labels that there are of shipments in one PDF, and by number why those of the others are not in it.

    A shipment is in it with all of its packages, or not at all. Refuses with NotFound a shipment that is not there for this actor,
    with LimitExceeded more than 200 labels at once.
    """
    numbers, missing = _checked(shipment_ids, actor)
    # Counted before they are read: a paper may have two megabytes.
    [(packages,)] = sql.read(_COUNT, (list(shipment_ids),))
    if packages > MOST_LABELS:
        raise LimitExceeded(f"At most {MOST_LABELS} labels at once.", code="too_many_labels")
    papers: dict[UUID, list[bytes]] = {key: [] for key in shipment_ids}
    for key, position, status, is_elsewhere, content in sql.read(_LABELS, (list(shipment_ids),)):
        try:
            _check_label(f"package {position} of {numbers[key]}", status, content, is_elsewhere=is_elsewhere)  # fmt: skip
        except Refusal as refusal:
            missing.setdefault(numbers[key], refusal)
        else:
            papers[key].append(bytes(content))
    for key in shipment_ids:
        # Without a package there is nothing to stick a label on.
        if not papers[key]:
            missing.setdefault(
                numbers[key],
                WrongState(
                    f"The label of {numbers[key]} was not asked for.", code="label_not_made"
                ),
            )
    there = {key: papers[key] for key in shipment_ids if numbers[key] not in missing}
    files, unreadable = _files(there, numbers)
    missing |= unreadable
    # In the order in which they were asked for, whatever was found first.
    missing = {numbers[key]: missing[numbers[key]] for key in shipment_ids if numbers[key] in missing}  # fmt: skip
    if not files:
        return LabelBundle(None, 0, missing)
    [first, *others] = files
    title = "labels.pdf" if others else f"label-{numbers[first]}.pdf"
    content = _merged(numbers[first], list(files.values())) if others else files[first]
    return LabelBundle(Document(title, content), len(files), missing)


def _files(
    papers: Mapping[UUID, Sequence[bytes]], numbers: Mapping[UUID, str]
) -> tuple[dict[UUID, bytes], dict[str, Refusal]]:
    """Return a file per shipment, and by number those that cannot be read; one paper alone is given as the carrier made it."""
    if sum(len(each) for each in papers.values()) == 1:
        return {key: paper for key, [paper] in papers.items()}, {}
    files: dict[UUID, bytes] = {}
    unreadable: dict[str, Refusal] = {}
    for key, mine in papers.items():
        # Each by itself: one that cannot be read keeps no other back.
        try:
            files[key] = _merged(numbers[key], mine)
        except Refusal as refusal:
            unreadable[numbers[key]] = refusal
    return files, unreadable


def _checked(
    shipment_ids: Sequence[UUID], actor: Actor
) -> tuple[dict[UUID, str], dict[str, Refusal]]:
    """Return the numbers of shipments, and by number why there is no parcel for a label."""
    where = Conditions()
    where.add("s.id = any(%s::uuid[])", list(shipment_ids))
    limit_to_shops(where, actor, "s.shop_id")
    limit_to_locations(where, actor, "s.location_id")
    found = {row[0]: row[1:] for row in sql.read(_SHIPMENTS + where.where(), where.params)}
    missing = [key for key in shipment_ids if key not in found]
    if missing or not shipment_ids:
        named = missing[0] if missing else "without an id"
        raise NotFound(f"There is no shipment {named}.", code="unknown_shipment")
    refused: dict[str, Refusal] = {}
    for number, status, parcel, asked_back in found.values():
        if status == "cancelled":
            refused[number] = WrongState(
                f"Shipment {number} is cancelled: there is no parcel for a label.",
                code="shipment_cancelled",
            )
        elif parcel:
            refused[number] = WrongState(
                f"{number} lies in the parcel of {parcel}, which has the label.", code="carried"
            )
        elif asked_back:
            refused[number] = WrongState(
                f"Shipment {number} holds goods that are to be cancelled.", code="cancel_requested"
            )
    return {key: row[0] for key, row in found.items()}, refused


def _check_label(what: str, status: str, content: bytes | None, *, is_elsewhere: bool) -> None:
    if status != "made":
        why = {"ordered": "is still asked for", "failed": "was not made"}.get(status, "was not asked for")  # fmt: skip
        raise WrongState(f"The label of {what} {why}.", code="label_not_made")
    if content is None or len(content) <= 1:
        raise WrongState(f"The label of {what} was erased.", code="label_erased")
    if is_elsewhere:
        raise WrongState(
            f"The label of {what} shows another address than the shipment has now; give it up, and ask for another.",
            code="label_elsewhere",
        )


def _merged(number: str, papers: Sequence[bytes]) -> bytes:
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - see core/typesetting.py
    from pypdf.errors import PyPdfError  # noqa: PLC0415 - see core/typesetting.py

    writer = PdfWriter()
    try:
        for paper in papers:
            writer.append(PdfReader(BytesIO(paper)), import_outline=False)
        made = BytesIO()
        writer.write(made)
    # What another system made may break a reader in more ways than it names.
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WrongState(
            f"The label of {number} cannot be put together with others; print it alone.",
            code="label_unreadable",
        ) from error
    return made.getvalue()
