"""Finishes pick lists: everything that is left on them has been collected."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from orderwerk.core.actor import Actor
from orderwerk.core.errors import Refusal
from orderwerk.core.outcome import Outcome
from orderwerk.core.uow import retrying, unit_of_work
from orderwerk.flows.pick_lines import Pick, book_picks, check_usable, lock_for_picks
from orderwerk.orders.counters import check_not_held
from orderwerk.picklists.locking import LineState, check_going, lock_lines
from orderwerk.stock.count_requests import count_again, request_counts


class CompleteItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pick list that is done."""

    pick_list_id: UUID


def complete_pick_lists(items: Sequence[CompleteItem], *, actor: Actor) -> list[Outcome]:
    """Book all that is left on the lists as picked; a bin that was counted since its list was made is to be counted again.

    Refuses with NotFound, with WrongState a finished or paused list, or one on which goods for an order on hold,
    or of a lot whose day is over, are left.
    """
    return retrying(lambda: _complete(items, actor))


def _complete(items: Sequence[CompleteItem], actor: Actor) -> list[Outcome]:
    with unit_of_work(actor) as unit:
        lines, lists, orders = lock_lines(unit, pick_list_ids=[item.pick_list_id for item in items])
        outcomes: list[Outcome] = []
        picks: list[Pick] = []
        left: dict[UUID, list[LineState]] = defaultdict(list)
        for line in lines.values():
            left[line.pick_list_id] += [line] if line.left else []
        for item in items:
            try:
                check_going(lists.get(item.pick_list_id))
                for line in left.get(item.pick_list_id, ()):
                    check_not_held(orders[line.order_id])
                    check_usable(line.lot, is_blocked=False, day=line.expires_on)
            except Refusal as refusal:
                outcomes.append(Outcome.refused(refusal))
                continue
            # Named twice: the first time took all.
            mine = left.pop(item.pick_list_id, [])
            picks += [Pick(line, line.bin_id, line.left, 0, "", line.lot) for line in mine]
            outcomes.append(Outcome.done(item.pick_list_id, status="picked"))
        shelves = lock_for_picks(unit, [pick.line for pick in picks], orders, reroute=False)
        book_picks(unit, picks, orders)
        # Nobody says when each was taken: that count may have seen it, or not.
        again = [
            each
            for pick in picks
            for each in count_again(
                shelves[(pick.line.product_id, pick.line.location_id)],
                {pick.bin_id},
                pick.line.listed_at,
            )
        ]
        request_counts(unit, again)
    return outcomes
