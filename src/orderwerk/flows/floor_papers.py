"""The papers of a round in one file: pick lists, each with the packing slips of what it collects, in the order of the walk."""

from collections.abc import Sequence
from uuid import UUID

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import LimitExceeded, NotFound
from orderwerk.core.typesetting import Document, typeset
from orderwerk.picklists.documents import pick_list_pages
from orderwerk.shipments.documents import slip_logos, slip_pages, whole_parcels

MOST_PAPERS = 200
_WORDS = {
    "en": ("Pick lists and packing slips", "papers"),
    "nl": ("Picklijsten en pakbonnen", "papieren"),
}
# Which lists a selection is about: those named, and of named shipments the newest list that was not given up.
_LISTS = """
select p.id, p.number, l.code from picklists_pick_list p join stock_location l on l.id = p.location_id
where p.id in (select unnest(%s::uuid[]) union (
  select distinct on (k.shipment_id) k.pick_list_id from picklists_line k
  join picklists_pick_list q on q.id = k.pick_list_id and q.status <> 'cancelled'
  where k.shipment_id = any(%s) order by k.shipment_id, k.pick_list_id desc))
order by l.code, p.id
"""
# The shipments of each list as the walk meets them.
_MET = """
select k.pick_list_id, k.shipment_id from picklists_line k join shipments_shipment s on s.id = k.shipment_id
where k.pick_list_id = any(%s) and s.status <> 'cancelled' and k.quantity > k.cancelled
group by k.pick_list_id, k.shipment_id order by k.pick_list_id, min(k.position), k.shipment_id
"""
# Shipments on no list, as their goods lie: by the first bin where something of them is.
_LYING = """
select s.id from shipments_shipment s join stock_location l on l.id = s.location_id
left join lateral (
  select min(b.position) as position from shipments_line x
  join stock_bin_stock k on k.product_id = x.product_id and k.location_id = s.location_id and k.quantity > 0
  join stock_bin b on b.id = k.bin_id and b.kind = 'pick' where x.shipment_id = s.id and x.is_live) w on true
where s.id = any(%s) order by l.code, w.position nulls last, s.id
"""


def floor_papers(
    pick_list_ids: Sequence[UUID],
    shipment_ids: Sequence[UUID],
    *,
    actor: Actor,
    language: str = "en",
) -> Document:
    """Return one PDF: every pick list of the selection with the slips of its shipments behind it, then what is on no list.

    Named shipments narrow the slips to their parcels; named lists bring all of theirs. Refuses with NotFound what is not there
    for this actor, with WrongState a cancelled shipment, with LimitExceeded more than 200 papers.
    """
    parcels = whole_parcels(shipment_ids)
    lists = [row[0] for row in sql.read(_LISTS, (list(pick_list_ids), parcels))]
    whole, named = set(pick_list_ids), set(parcels)
    _check_there(whole, lists)
    order: list[tuple[str, UUID]] = []
    seen: set[UUID] = set()
    met: dict[UUID, list[UUID]] = {}
    for pick_list, shipment in sql.read(_MET, (lists,)):
        met.setdefault(pick_list, []).append(shipment)
    for pick_list in lists:
        order.append(("pick_list", pick_list))
        for shipment in met.get(pick_list, ()):
            if (pick_list in whole or shipment in named) and shipment not in seen:
                seen.add(shipment)
                order.append(("packing_slip", shipment))
    rest = [row[0] for row in sql.read(_LYING, (list(named - seen),))]
    order += [("packing_slip", key) for key in [*rest, *sorted(named - seen - set(rest))]]
    if not order or len(order) > MOST_PAPERS:
        raise _unprintable(len(order))
    return _typeset(order, actor, language)


def _check_there(wanted: set[UUID], found: Sequence[UUID]) -> None:
    missing = wanted - set(found)
    if missing:
        raise NotFound(f"There is no pick list {min(missing)}.", code="unknown_pick_list")


def _unprintable(papers: int) -> NotFound | LimitExceeded:
    if not papers:
        return NotFound("Nothing was named.", code="unknown_shipment")
    return LimitExceeded(
        f"At most {MOST_PAPERS} papers go into one file; these are {papers}.",
        code="too_many_documents",
    )


def _typeset(order: Sequence[tuple[str, UUID]], actor: Actor, language: str) -> Document:
    lists = [key for kind, key in order if kind == "pick_list"]
    slips = [key for kind, key in order if kind == "packing_slip"]
    papers = slip_pages(slips, actor=actor) if slips else []
    words, walks = pick_list_pages(lists, actor=actor, language=language)
    pages = {
        **{("pick_list", key): it for key, it in zip(lists, walks, strict=True)},
        **{("packing_slip", key): it for key, it in zip(slips, papers, strict=True)},
    }
    title, name = _WORDS.get(words["language"], _WORDS["en"])
    data = {
        "title": title,
        "language": words["language"],
        "words": words,
        "logos": slip_logos(papers),
        "parts": [{"kind": part[0], "it": pages[part]} for part in order],
    }
    return Document(f"{name}.pdf", typeset("flows/floor_papers.typ", data))
