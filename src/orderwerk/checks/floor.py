"""Work between the dock and the shelves: goods moved from bin to bin, scans."""

from orderwerk.checks.invariant import Invariant

_CALL = (
    "Do not touch the row; look at the events of the product, then call support with this finding."
)
_COUNT = "Count both bins; then look at the movements of the product."

INVARIANTS = (
    Invariant(
        "bin-moves",
        "What was moved from bin to bin left one bin and lies in another of the same location, piece by piece.",
        """
        select null::uuid, 'stock movement', (array_agg(m.id order by m.id))[1], '0', sum(m.delta)::text
        from stock_movement m where m.kind = 'moved' group by m.source_id, m.product_id, m.location_id, m.lot
        having sum(m.delta) <> 0 or count(distinct m.bin_id) < 2
        """,
        _COUNT,
    ),
    Invariant(
        "stock-scans",
        "Every scan that received, put away or moved pieces did so once, with as many pieces as it says.",
        """
        select null::uuid, 'stock scan', s.id, s.quantity::text, coalesce(m.n, 0)::text
        from stock_scan s left join (
          select source_id, location_id, sum(delta) filter (where delta > 0) as n from stock_movement
          where kind in ('received', 'transferred_in', 'moved') group by 1, 2
        ) m on m.source_id = s.source_id and m.location_id = s.location_id
        where s.source_id is not null and s.quantity <> coalesce(m.n, 0)
        union all
        select null::uuid, 'stock scan', (array_agg(s.id order by s.id))[1], '1 scan', count(*)::text
        from stock_scan s where s.source_id is not null group by s.source_id having count(*) > 1
        """,
        _CALL,
    ),
    Invariant(
        "cycle-counts",
        "By turns only bins are counted where the article lies or lay, by a plan whose days can be counted.",
        """
        select null::uuid, 'count request', r.id, 'the article lies or lay there', 'never'
        from stock_count_request r where r.cause = 'cycle' and not exists (
          select 1 from stock_bin_stock b where b.product_id = r.product_id and b.location_id = r.location_id and b.bin_id = r.bin_id)
        union all
        select null::uuid, 'count plan', p.id, 'a class that is counted within bounds', format('%s, %s, %s', p.a_days, p.b_days, p.c_days)
        from stock_count_plan p where coalesce(p.a_days, 1) < 1 or coalesce(p.b_days, 1) < 1 or coalesce(p.c_days, 1) < 1
        """,
        _CALL,
    ),
    Invariant(
        "channel-stocks",
        "What is kept for a shop, or not offered to it, is never less than nothing, once per shop and level.",
        """
        select c.shop_id, 'channel stock', (array_agg(c.id order by c.id))[1], 'once, not below 0', format('%s times, %s and %s', count(*), min(c.reserved), min(c.safety_stock))
        from allocations_channel c group by c.shop_id, c.product_id, c.location_id
        having count(*) > 1 or min(c.reserved) < 0 or min(c.safety_stock) < 0
        """,
        _CALL,
    ),
)
