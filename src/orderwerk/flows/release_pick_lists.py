"""Ends a walk early: what was picked stays picked, what was not is free for another pick list at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from orderwerk.allocations.commands.claim import NewAllocation, claim_stock
from orderwerk.core import ids, sql
from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import UnitOfWork, retrying, unit_of_work
from orderwerk.flows.held import Held, held_by_ids
from orderwerk.flows.pick_lines import lock_for_picks
from orderwerk.picklists.locking import LineState, check_unfinished, lock_lines
from orderwerk.picklists.take_off import take_lines_off
from orderwerk.shipments.packing import taken_out
from orderwerk.shipments.regroup import add_lines, tell_cut


class ReleasePickListItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pick list of which the rest is given back."""

    pick_list_id: UUID


def release_pick_lists(items: Sequence[ReleasePickListItem], *, actor: Actor) -> list[Outcome]:
    """Give back what is left on pick lists; a claim of which a part was picked is split, and its rest waits to be listed.

    Stock, claims and counters of orders stay as they are, and every piece in its shipment, which goes as it went. Refuses with NotFound, with WrongState a finished list.
    """
    return retrying(lambda: _release(items, actor))


def _release(items: Sequence[ReleasePickListItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        lines, lists, orders = lock_lines(unit, pick_list_ids=[item.pick_list_id for item in items])
        left: dict[UUID, list[LineState]] = defaultdict(list)
        for line in lines.values():
            left[line.pick_list_id] += [line] if line.left else []
        outcomes: list[Outcome] = []
        chosen: list[LineState] = []
        for item in items:
            try:
                check_unfinished(lists.get(item.pick_list_id))
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            # Named twice: the first time gave all back.
            mine = left.pop(item.pick_list_id, [])
            chosen += mine
            released = sum(line.left for line in mine)
            outcomes.append(Outcome.done(item.pick_list_id, released=released))
        lock_for_picks(unit, chosen, orders, reroute=False)
        take_lines_off(unit, {line.id: (line.pick_list_id, line.left) for line in chosen})
        _split(unit, chosen)
    return outcomes


_BACK = """
update allocations_allocation a set status = 'allocated' where a.id = any(%s)
"""
# What was packed of a line that becomes smaller is unpacked, as elsewhere.
_SHRINK = f"""
with shrunk as (
  update allocations_allocation a set quantity = a.picked, status = 'picked' where a.id = any(%s) returning a.id, a.quantity
), lessened as (
  update shipments_line l set quantity = s.quantity, packed = 0 from shrunk s where l.allocation_id = s.id and l.is_live returning l.id
), {taken_out("lessened")}
delete from shipments_package_line p using lessened l where p.shipment_line_id = l.id
"""
_CODES = "select id, code from stock_location where id = any(%s)"


def _split(unit: UnitOfWork, lines: Sequence[LineState]) -> None:
    held = held_by_ids({line.allocation_id for line in lines})
    untouched = [claim.id for claim in held if not claim.picked]
    begun = [claim for claim in held if claim.picked]
    sql.execute(_BACK, (untouched,))
    sql.execute(_SHRINK, ([claim.id for claim in begun],))
    codes: dict[UUID, str] = dict(
        sql.fetch(_CODES, (list({claim.location_id for claim in begun}),))
    )
    rest = [(_rest(claim, codes), claim.shipment_id) for claim in begun]
    claim_stock([new for new, _ in rest], already_counted=True)
    # The rest stays in the parcel that it was in, which may be one that somebody split off.
    add_lines({new.id: (new, shipment_id) for new, shipment_id in rest})
    tell_cut(unit, list(dict.fromkeys(shipment_id for _, shipment_id in rest)))


def _rest(claim: Held, codes: Mapping[UUID, str]) -> NewAllocation:
    why = claim.why_then("rest", codes[claim.location_id])
    return NewAllocation(
        ids.new_id(), claim.shop_id, claim.order_id, claim.order_line_id, claim.product_id, claim.location_id,
        claim.quantity - claim.picked, why,
    )  # fmt: skip
