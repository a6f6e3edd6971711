"""Random histories of kits: whatever people do, every counter is what the claims and parcels say."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from orderwerk.catalog.commands.upsert import ProductItem, upsert_products
from orderwerk.catalog.kits import ComponentItem
from orderwerk.checks.run import ALL
from orderwerk.core import sql
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.returns.commands.inspect import InspectItem, inspect_returns
from tests import build

CHECKED = [i for i in ALL if i.id.startswith(("line-", "kit-", "order-units", "order-status", "stock-", "bin-", "allocation-", "staging", "return"))]  # fmt: skip


class KitsJob(RuleBasedStateMachine):
    """Kits and single articles of the same products, placed, counted, picked, shipped, cancelled and brought back in any order."""

    @initialize(first=st.integers(1, 3), second=st.integers(1, 2), stock=st.integers(0, 8))
    def open_shop(self, first: int, second: int, stock: int) -> None:
        self.world = build.world(locations=2, products=2, stock=stock)
        self.kit = f"KIT{build.serial()}"
        parts = [ComponentItem(sku=s, quantity=n) for s, n in zip(self.world.skus, (first, second), strict=True)]  # fmt: skip
        upsert_products([ProductItem(sku=self.kit, name="Kit", components=parts)], actor=build.TESTER)[0].require()  # fmt: skip
        self.orders: list[Any] = []

    @rule(kits=st.integers(1, 3), single=st.integers(0, 3))
    def place(self, kits: int, single: int) -> None:
        lines = [(self.kit, kits)] + ([(self.world.skus[0], single)] if single else [])
        self.orders.append(self.world.place(*lines))

    @rule(data=st.data(), quantity=st.integers(0, 9))
    def count(self, data: st.DataObject, quantity: int) -> None:
        sku = data.draw(st.sampled_from(self.world.skus))
        place = data.draw(st.sampled_from(self.world.locations))
        count_stock_levels([CountItem(sku=sku, location=place, quantity=quantity)], actor=build.TESTER)  # fmt: skip

    @rule(data=st.data())
    def allocate(self, data: st.DataObject) -> None:
        for order in self._some(data, self.orders):
            allocate_orders([AllocateItem(order_id=order)], actor=build.TESTER)

    @rule(data=st.data(), kits=st.integers(1, 2))
    def cancel(self, data: st.DataObject, kits: int) -> None:
        for order in self._some(data, self.orders):
            line = build.order_lines(order)[0]
            item = CancelItem(order_id=order, reason="x", lines=[CancelLine(order_line_id=line, quantity=kits)])  # fmt: skip
            cancel_orders([item], actor=build.TESTER)

    @rule(data=st.data())
    def make_list(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(self.world.locations))
        create_pick_lists([CreatePickListItem(location=place, kind="batch")], actor=build.TESTER)

    @rule(data=st.data(), short=st.booleans(), reason=st.sampled_from(["damaged", "missing"]))
    def pick(self, data: st.DataObject, short: bool, reason: str) -> None:
        lines = [line for key in self._lists() for line in build.pick_lines_of(key)]
        for key, left in self._some(data, lines):
            item = PickItem(pick_line_id=key, picked=left - short, short=int(short), reason=reason if short else "")  # fmt: skip
            pick_lines([item], actor=build.TESTER)[0].require()

    @rule(data=st.data())
    def cancel_list(self, data: st.DataObject) -> None:
        for key in self._some(data, self._lists()):
            cancel_pick_lists([CancelPickListItem(pick_list_id=key)], actor=build.TESTER)

    @rule(data=st.data(), undo=st.booleans())
    def ship(self, data: st.DataObject, undo: bool) -> None:
        for order in self._some(data, self.orders):
            for key in self._some(data, build.shipments(order, "shipped" if undo else "open")):
                if undo:
                    cancel_shipments([CancelShipmentItem(shipment_id=key)], actor=build.TESTER)
                else:
                    ship_shipments([ShipItem(shipment_id=key)], actor=build.TESTER)

    @rule(data=st.data(), kits=st.integers(1, 3), fate=st.sampled_from(["restock", "dispose", "later"]))  # fmt: skip
    def come_back(self, data: st.DataObject, kits: int, fate: str) -> None:
        place = data.draw(st.sampled_from(self.world.locations))
        goods = {"restock": {"restock": True, "location": place}, "dispose": {"disposition": "dispose"}, "later": {}}[fate]  # fmt: skip
        for order in self._some(data, self.orders):
            [(line, out)] = sql.fetch("select id, shipped - returned - claimed from orders_line where order_id = %s and position = 1", (order,))  # fmt: skip
            before = self._lies(place)
            done = build.give_back(order, build.back(order, kits, **goods))
            assert done.ok is (kits <= out), done.error
            # A kit lies nowhere itself: what it was sold with goes onto the shelf, piece by piece, and nothing else.
            rows = sql.fetch("select product_id, per_kit from orders_component where order_line_id = %s", (line,))  # fmt: skip
            came = {key: n * kits for key, n in rows} if done.ok and fate == "restock" else {}
            assert self._lies(place) == before + Counter(came)

    @rule(data=st.data())
    def look_at(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(self.world.locations))
        rows = sql.fetch("select id from returns_line where disposition is null order by id")
        for key in self._some(data, [row[0] for row in rows]):
            item = InspectItem(return_line_id=key, disposition="restock", location=place)
            inspect_returns([item], actor=build.TESTER)[0].require()

    @invariant()
    def every_counter_is_right(self) -> None:
        sql.execute("set constraints all immediate")
        sql.execute("set constraints all deferred")
        for check in CHECKED:
            assert sql.fetch(check.sql) == [], check.id

    def _some(self, data: st.DataObject, found: list[Any]) -> list[Any]:
        # Always one number of the same range: what is found follows ids, which differ from run to run, and draws must not.
        number = data.draw(st.integers(0, 59))
        return [found[number % len(found)]] if found else []

    def _lies(self, place: str) -> Counter[Any]:
        rows = sql.fetch("select product_id, on_hand from stock_level where location_id = %s and on_hand > 0", (self.world.location_ids[place],))  # fmt: skip
        return Counter({row[0]: row[1] for row in rows})

    def _lists(self) -> list[Any]:
        rows = sql.fetch("select id from picklists_pick_list where status in ('open', 'picking') order by id")  # fmt: skip
        return [row[0] for row in rows]
