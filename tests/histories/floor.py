"""Random histories of the floor: goods received, moved and counted by bin, kept for shops, shipments split and put together."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from typing_extensions import override

from orderwerk.allocations.commands.set_channels import ChannelStockItem, set_channel_stocks
from orderwerk.core import sql
from orderwerk.core.ids import new_id
from orderwerk.flows.merge_shipments import MergeShipmentsItem, merge_shipments
from orderwerk.flows.record_stock_scans import StockScanItem, record_stock_scans
from orderwerk.flows.split_shipments import SplitLine, SplitShipmentItem, split_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shops.commands.link_locations import LocationShops, link_locations
from orderwerk.stock.commands.relocate import RelocateItem, relocate_stock
from orderwerk.stock.commands.request_due_counts import DueCountItem, request_due_counts
from orderwerk.stock.commands.set_bins import BinItem, set_bins
from orderwerk.stock.commands.set_count_plans import CountPlanItem, set_count_plans
from tests import build
from tests.histories.machine import MainJob

BINS = ("DEFAULT", "A-1")


class FloorJob(MainJob):
    """All of the main job, with a second bin, and a second shop that draws from the same locations."""

    @initialize(stock=st.integers(0, 6), use_pick_lists=st.booleans())
    def open_shop(self, stock: int, use_pick_lists: bool) -> None:
        super().open_shop(stock, use_pick_lists)
        self.other = build.world(locations=1, products=1, stock=0).shop
        for place in self.world.locations:
            link_locations([LocationShops(location=place, shops=[self.world.shop, self.other])], actor=build.TESTER)[0].require()  # fmt: skip
            set_bins([BinItem(location=place, bin="A-1")], actor=build.TESTER)[0].require()
            set_count_plans([CountPlanItem(location=place, c_days=1)], actor=build.TESTER)[0].require()  # fmt: skip

    def some_place(self, data: st.DataObject) -> tuple[str, str]:
        return (
            data.draw(st.sampled_from(self.world.skus)),
            data.draw(st.sampled_from(self.world.locations)),
        )

    def lying(self, sku: str, place: str, bin_code: str) -> tuple[int, int]:
        """What lies in a bin, and what of it pick lists ask for."""
        rows = sql.fetch(
            "select coalesce(sum(k.quantity), 0)::int, coalesce(sum(k.planned), 0)::int from stock_bin_stock k "
            "join stock_bin b on b.id = k.bin_id where b.code = %s and k.product_id = %s and k.location_id = %s",
            (bin_code, self.world.product_ids[sku], self.world.location_ids[place]),
        )
        return rows[0][0], rows[0][1]

    @rule(
        data=st.data(), quantity=st.integers(1, 4), way=st.permutations(BINS), scanned=st.booleans()
    )
    def relocate(self, data: st.DataObject, quantity: int, way: list[str], scanned: bool) -> None:
        sku, place = self.some_place(data)
        lies, planned = self.lying(sku, place, way[0])
        before = self.world.levels().get((sku, place), (0, 0))
        if scanned:
            item = StockScanItem(key=new_id(), flow="move", location=place, sku=sku, origin=way[0], bin=way[1], quantity=quantity)  # fmt: skip
            outcome = record_stock_scans([item, item], actor=build.TESTER)[1]
        else:
            move = RelocateItem(
                sku=sku, location=place, origin=way[0], to=way[1], quantity=quantity
            )
            outcome = relocate_stock([move], actor=build.TESTER)[0]
        assert outcome.ok is (quantity <= lies - planned)
        assert self.world.levels().get((sku, place), (0, 0)) == before
        assert self.lying(sku, place, way[0])[0] == lies - (quantity if outcome.ok else 0)

    @rule(data=st.data(), quantity=st.integers(1, 4), bin_code=st.sampled_from(BINS))
    def receive(self, data: st.DataObject, quantity: int, bin_code: str) -> None:
        sku, place = self.some_place(data)
        item = StockScanItem(key=new_id(), flow="receive", location=place, sku=sku, bin=bin_code, quantity=quantity)  # fmt: skip
        record_stock_scans([item], actor=build.TESTER)[0].require()
        self.model.on_hand[(sku, place)] = self.model.on_hand.get((sku, place), 0) + quantity

    @rule(data=st.data(), quantity=st.integers(0, 5), bin_code=st.sampled_from(BINS))
    def count_bin(self, data: st.DataObject, quantity: int, bin_code: str) -> None:
        sku, place = self.some_place(data)
        lies, _ = self.lying(sku, place, bin_code)
        item = StockScanItem(key=new_id(), flow="count", location=place, sku=sku, bin=bin_code, quantity=quantity)  # fmt: skip
        record_stock_scans([item], actor=build.TESTER)[0].require()
        self.model.on_hand[(sku, place)] = self.model.on_hand.get((sku, place), 0) + quantity - lies
        assert self.lying(sku, place, bin_code)[0] == quantity

    @rule(data=st.data())
    def ask_for_counts(self, data: st.DataObject) -> None:
        sql.execute("update stock_level set counted_at = counted_at - interval '2 days'")
        place = data.draw(st.sampled_from(self.world.locations))
        item = DueCountItem(location=place)
        request_due_counts([item], actor=build.TESTER)[0].require()
        again = request_due_counts([item], actor=build.TESTER)[0].require()
        assert again.data["requested"] == 0

    @rule(data=st.data(), reserved=st.integers(0, 4), safety=st.integers(0, 2), own=st.booleans())
    def keep(self, data: st.DataObject, reserved: int, safety: int, own: bool) -> None:
        sku, place = self.some_place(data)
        item = ChannelStockItem(
            sku=sku,
            location=place,
            shop=self.world.shop if own else self.other,
            reserved=reserved,
            safety_stock=safety,
        )
        set_channel_stocks([item], actor=build.TESTER)[0].require()

    @rule(
        data=st.data(),
        method=st.sampled_from(["singles", "totes", "sort"]),
        wave=st.sampled_from([None, "Noon"]),
    )
    def make_walk(self, data: st.DataObject, method: Any, wave: str | None) -> None:
        place = data.draw(st.sampled_from(self.world.locations))
        before = self.regrouped_pieces()
        item = CreatePickListItem(
            location=place, kind="batch", method=method, wave=wave, max_orders=2
        )
        create_pick_lists([item], actor=build.TESTER)
        assert self.regrouped_pieces() == before

    def regrouped_pieces(self) -> list[Any]:
        """What making walks never changes: pieces per line and place."""
        return sql.fetch(
            "select order_line_id, location_id, sum(quantity), sum(picked) from allocations_allocation "
            "where status <> 'released' group by 1, 2 order by 1, 2"
        )

    @override
    def free_at(self, place: str) -> dict[str, int]:
        free = super().free_at(place)
        return {sku: max(0, n - self.withheld(sku, place)) for sku, n in free.items()}

    def withheld(self, sku: str, place: str) -> int:
        rows = sql.fetch(
            "select channel_withheld(%s, %s, %s)",
            (self.world.product_ids[sku], self.world.location_ids[place], self.world.shop_id),
        )
        return int(rows[0][0])

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        found = build.shipments(self.some_order(data), "open")
        if not found:
            return
        shipment = data.draw(st.sampled_from(found))
        line = data.draw(st.sampled_from(self.shipment_lines(shipment)))
        part = [SplitLine(shipment_line_id=line["id"], quantity=data.draw(st.integers(1, line["quantity"])))]  # fmt: skip
        before = self.regrouped()
        split_shipments([SplitShipmentItem(shipment_id=shipment, lines=part)], actor=build.TESTER)
        assert self.regrouped() == before

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        found = build.shipments(self.some_order(data), "open")
        if len(found) < 2:
            return
        before = self.regrouped()
        merge_shipments([MergeShipmentsItem(shipment_ids=found)], actor=build.TESTER)
        assert self.regrouped() == before

    def regrouped(self) -> list[Any]:
        """What splitting and putting together never change: claims and shipped pieces per line, place and state."""
        return sql.fetch(
            "select order_line_id, location_id, status, sum(quantity), sum(picked) from allocations_allocation "
            "where status <> 'released' group by 1, 2, 3 order by 1, 2, 3"
        )
