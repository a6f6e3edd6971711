"""Random histories of the main job, each step checked against the model and against every invariant in SQL."""

from collections import Counter
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orderwerk.core import sql
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, CancelLine, cancel_orders
from orderwerk.flows.cancel_pick_lists import CancelPickListItem, cancel_pick_lists
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.move_allocations import MoveAllocationItem, move_allocations
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_payments import PaymentItem, record_payments
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.release_orders import ReleaseOrderItem, release_orders
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.ship_shipments import ShipItem, ShipLine, ship_shipments
from orderwerk.orders.commands.hold import HoldItem, hold_orders
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.stock.commands.transfer import TransferItem, transfer_stock_levels
from tests import build
from tests.histories.model import Model, ModelLine, ModelOrder

visited: Counter[str] = Counter()


class MainJob(RuleBasedStateMachine):
    """Place, pay, hold, allocate, move, pick, short, ship, cancel, restock: in any order, as people do."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    @initialize(stock=st.integers(0, 6), use_pick_lists=st.booleans())
    def open_shop(self, stock: int, use_pick_lists: bool) -> None:
        self.world = build.world(
            locations=2, products=2, stock=stock, use_pick_lists=use_pick_lists
        )
        self.use_pick_lists = use_pick_lists
        for sku in self.world.skus:
            for place in self.world.locations:
                self.model.on_hand[(sku, place)] = stock

    # -- intake and money ------------------------------------------------------------------------------------------

    @rule(quantities=st.lists(st.integers(1, 5), min_size=1, max_size=3), paid=st.booleans())
    def place(self, quantities: list[int], paid: bool) -> None:
        wanted = [(self.world.skus[i % 2], n) for i, n in enumerate(quantities)]
        fields: dict[str, Any] = {} if paid else {"payments": []}
        outcome = place_orders([self.world.document(*wanted, **fields)], actor=build.TESTER)[
            0
        ].require()
        total = 1000 * sum(quantities)
        lines = [ModelLine(sku, n, 1000 * n) for sku, n in wanted]
        self.model.orders[outcome.id] = ModelOrder(lines, total, total if paid else 0)
        if paid:
            self.allocated_as_much_as_there_is(outcome.id)

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), part=st.sampled_from([1, 2]))
    def pay(self, data: st.DataObject, part: int) -> None:
        key = self.some_order(data)
        order = self.model.orders[key]
        if order.total == 0:
            return
        amount = order.total // part
        item = PaymentItem(
            order_id=key,
            provider="test",
            reference=f"h{build.serial()}",
            status="paid",
            amount=f"{amount / 100:.2f}",
        )
        record_payments([item], actor=build.TESTER)[0].require()
        was_payable = order.payable
        order.paid += amount
        if order.payable and not was_payable and not order.holds:
            self.allocated_as_much_as_there_is(key)

    # -- holds -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def hold(self, data: st.DataObject) -> None:
        key = self.some_order(data)
        finished = self.status(key) in {"shipped", "cancelled"}
        outcome = hold_orders([HoldItem(order_id=key, reason="look")], actor=build.TESTER)[0]
        assert outcome.ok is not finished
        self.model.orders[key].holds += 0 if finished else 1

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def unhold(self, data: st.DataObject) -> None:
        key = self.some_order(data)
        outcome = release_orders([ReleaseOrderItem(order_id=key)], actor=build.TESTER)[0]
        assert outcome.ok is (self.model.orders[key].holds > 0)
        self.model.orders[key].holds = 0

    # -- claims ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def allocate(self, data: st.DataObject) -> None:
        key = self.some_order(data)
        order = self.model.orders[key]
        finished = self.status(key) in {"shipped", "cancelled"}
        outcome = allocate_orders([AllocateItem(order_id=key)], actor=build.TESTER)[0]
        assert outcome.ok is (order.payable and not order.holds and not finished)
        if outcome.ok:
            self.allocated_as_much_as_there_is(key)

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        found = build.allocations(self.some_order(data))
        if not found:
            return
        key, status, _, _ = data.draw(st.sampled_from(found))
        outcome = release_allocations(
            [ReleaseAllocationItem(allocation_id=key)], actor=build.TESTER
        )[0]
        assert outcome.ok is (status == "allocated")

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        order_id = self.some_order(data)
        order, found = self.model.orders[order_id], build.allocations(order_id, "allocated")
        if not found:
            return
        key, _, quantity, place = data.draw(st.sampled_from(found))
        other = next(code for code in self.world.locations if code != place)
        before = self.free_at(other)
        outcome = move_allocations(
            [MoveAllocationItem(allocation_id=key, location=other)], actor=build.TESTER
        )[0]
        sku = sql.fetch(
            "select p.sku from allocations_allocation a join catalog_product p on p.id = a.product_id where a.id = %s",
            (key,),
        )[0][0]
        assert outcome.ok is (before[sku] >= quantity and not order.holds)

    # -- picking ---------------------------------------------------------------------------------------------------

    @rule(data=st.data(), kind=st.sampled_from(["single", "batch"]))
    def make_pick_list(self, data: st.DataObject, kind: str) -> None:
        place = data.draw(st.sampled_from(self.world.locations))
        create_pick_lists([CreatePickListItem(location=place, kind=kind)], actor=build.TESTER)

    @rule(data=st.data(), short=st.booleans(), damaged=st.booleans())
    def pick(self, data: st.DataObject, short: bool, damaged: bool) -> None:
        lines = [line for key in self.pick_lists() for line in build.pick_lines_of(key)]
        if not lines:
            return
        key, left = data.draw(st.sampled_from(lines))
        missing = data.draw(st.integers(1, left)) if short else 0
        picked = (
            data.draw(st.integers(0 if missing else 1, left - missing)) if left > missing else 0
        )
        where = sql.fetch(
            "select p.sku, s.code, b.quantity, l.order_id from picklists_line l join catalog_product p on p.id = l.product_id "
            "join stock_location s on s.id = l.location_id join stock_bin_stock b "
            "on (b.product_id, b.location_id, b.bin_id, b.lot) = (l.product_id, l.location_id, l.bin_id, l.lot) where l.id = %s",
            (key,),
        )[0]
        reason = ("damaged" if damaged else "missing") if missing else ""
        item = PickItem(pick_line_id=key, picked=picked, short=missing, reason=reason)
        outcome = pick_lines([item], actor=build.TESTER)[0]
        assert outcome.ok is not (picked > 0 and self.model.orders[where[3]].holds > 0)
        if not outcome.ok:
            return
        # Whoever finds too few has taken all there was; damaged pieces say nothing about the others.
        gone = missing if damaged or not missing else where[2] - picked
        self.model.on_hand[(where[0], where[1])] -= gone

    @rule(data=st.data(), end=st.sampled_from(["complete", "release", "cancel"]))
    def end_pick_list(self, data: st.DataObject, end: str) -> None:
        lists = self.pick_lists()
        if not lists:
            return
        key = data.draw(st.sampled_from(lists))
        before = self.world.levels()
        open_orders = sql.fetch(
            "select order_id from picklists_line where pick_list_id = %s and is_open", (key,)
        )
        held = any(self.model.orders[row[0]].holds for row in open_orders)
        if end == "complete":
            [outcome] = complete_pick_lists([CompleteItem(pick_list_id=key)], actor=build.TESTER)
        elif end == "release":
            item = ReleasePickListItem(pick_list_id=key)
            [outcome] = release_pick_lists([item], actor=build.TESTER)
        else:
            [outcome] = cancel_pick_lists(
                [CancelPickListItem(pick_list_id=key)], actor=build.TESTER
            )
        assert outcome.ok is not (end == "complete" and held)
        assert (key in self.pick_lists()) is not outcome.ok
        assert self.world.levels() == before

    # -- shipping --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), part=st.booleans())
    def ship(self, data: st.DataObject, part: bool) -> None:
        key = self.some_order(data)
        found = build.shipments(key, "open")
        if not found:
            return
        shipment = data.draw(st.sampled_from(found))
        lines = self.shipment_lines(shipment)
        chosen = [data.draw(st.sampled_from(lines))] if part else lines
        quantities = {
            x["id"]: data.draw(st.integers(1, x["quantity"])) if part else x["quantity"]
            for x in chosen
        }
        named = (
            [ShipLine(shipment_line_id=k, quantity=n) for k, n in quantities.items()]
            if part
            else None
        )
        order = self.model.orders[key]
        busy = any(
            x["status"] == "picking" or (self.use_pick_lists and quantities[x["id"]] > x["picked"])
            for x in chosen
        )
        outcome = ship_shipments([ShipItem(shipment_id=shipment, lines=named)], actor=build.TESTER)[
            0
        ]
        assert outcome.ok is (order.payable and not order.holds and not busy)
        if outcome.ok:
            for x in chosen:
                order.lines[x["position"] - 1].shipped += quantities[x["id"]]
                self.model.on_hand[(x["sku"], x["place"])] -= quantities[x["id"]]

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def cancel_shipment(self, data: st.DataObject) -> None:
        key = self.some_order(data)
        found = build.shipments(key, "open", "shipped")
        if not found:
            return
        shipment = data.draw(st.sampled_from(found))
        lines = self.shipment_lines(shipment)
        outcome = cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)[
            0
        ]
        assert outcome.ok is not self.came_back(key, lines)
        if not outcome.ok:
            return
        for x in lines:
            if x["shipment_status"] == "shipped":
                self.model.orders[key].lines[x["position"] - 1].shipped -= x["quantity"]
                self.model.on_hand[(x["sku"], x["place"])] += x["quantity"]

    # -- coming back -----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), announced=st.booleans(), restock=st.booleans(), credit=st.booleans())
    def give_back(self, data: st.DataObject, announced: bool, restock: bool, credit: bool) -> None:
        key = self.some_order(data)
        order = self.model.orders[key]
        index = data.draw(st.integers(0, len(order.lines) - 1))
        line = order.lines[index]
        quantity = data.draw(st.integers(1, line.quantity + 1))
        place = data.draw(st.sampled_from(self.world.locations))
        fits = quantity <= line.shipped - line.returned
        fields: dict[str, Any] = {"credit": credit}
        if announced:
            request = build.request(key, build.back(key, quantity, index))
            assert request.ok is fits
            if request.ok:
                fields["return_request_id"] = str(request.id)
        goods = {"restock": True, "location": place} if restock else {"disposition": "dispose"}
        outcome = build.give_back(key, build.back(key, quantity, index, **goods), **fields)
        if outcome.error is not None and outcome.error.code == "too_many_to_credit":
            # Never what came is refused for another reason than that it is not invoiced (any more).
            assert fits
            assert credit
            return
        assert outcome.ok is fits
        if outcome.ok:
            line.returned += quantity
            self.model.on_hand[(line.sku, place)] += quantity if restock else 0

    def came_back(self, key: Any, lines: list[dict[str, Any]]) -> bool:
        gone: Counter[int] = Counter()
        for x in lines:
            gone[x["position"]] += x["quantity"] if x["shipment_status"] == "shipped" else 0
        ours = self.model.orders[key].lines
        return any(n > ours[p - 1].shipped - ours[p - 1].returned for p, n in gone.items())

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data())
    def reject_shipment(self, data: st.DataObject) -> None:
        found = build.shipments(self.some_order(data), "open")
        if not found:
            return
        shipment = data.draw(st.sampled_from(found))
        place = self.shipment_lines(shipment)[0]["place"]
        order = sql.fetch("select order_id from shipments_shipment where id = %s", (shipment,))[0][0]  # fmt: skip
        item = RejectShipmentItem(shipment_id=shipment, reason="no room")
        reject_shipments([item], actor=build.TESTER)[0].require()
        self.model.orders[order].rejected.add(place)
        # What was split off stands there for itself: its shipment was not rejected.
        if not any(
            self.shipment_lines(key)[0]["place"] == place for key in found if key != shipment
        ):
            assert place not in {a[3] for a in build.allocations(order, "allocated", "picking", "picked")}  # fmt: skip

    # -- cancelling ------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), whole=st.booleans())
    def cancel(self, data: st.DataObject, whole: bool) -> None:
        key = self.some_order(data)
        order = self.model.orders[key]
        if whole:
            outcome = cancel_orders([CancelItem(order_id=key, reason="x")], actor=build.TESTER)[0]
            assert outcome.ok is any(x.open for x in order.lines)
            for line in order.lines:
                line.cancelled += line.open
            return
        index = data.draw(st.integers(0, len(order.lines) - 1))
        quantity = data.draw(st.integers(1, order.lines[index].quantity + 1))
        named = [CancelLine(order_line_id=build.order_lines(key)[index], quantity=quantity)]
        outcome = cancel_orders(
            [CancelItem(order_id=key, reason="x", lines=named)], actor=build.TESTER
        )[0]
        assert outcome.ok is (quantity <= order.lines[index].open)
        order.lines[index].cancelled += quantity if outcome.ok else 0

    # -- stock -----------------------------------------------------------------------------------------------------

    @rule(data=st.data(), difference=st.integers(-4, 6).filter(bool))
    def adjust(self, data: st.DataObject, difference: int) -> None:
        sku, place = (
            data.draw(st.sampled_from(self.world.skus)),
            data.draw(st.sampled_from(self.world.locations)),
        )
        on_hand, _ = self.world.levels().get((sku, place), (0, 0))
        item = AdjustItem(sku=sku, location=place, difference=difference, reason="test")
        outcome = adjust_stock_levels([item], actor=build.TESTER)[0]
        assert outcome.ok is (on_hand + difference >= self.staged(sku, place))
        self.model.on_hand[(sku, place)] += difference if outcome.ok else 0

    @rule(data=st.data(), quantity=st.integers(0, 8))
    def count(self, data: st.DataObject, quantity: int) -> None:
        sku, place = (
            data.draw(st.sampled_from(self.world.skus)),
            data.draw(st.sampled_from(self.world.locations)),
        )
        item = CountItem(sku=sku, location=place, quantity=quantity)
        outcome = count_stock_levels([item], actor=build.TESTER)[0]
        assert outcome.ok is (quantity >= self.staged(sku, place))
        if outcome.ok:
            self.model.on_hand[(sku, place)] = quantity

    @rule(data=st.data(), quantity=st.integers(1, 5))
    def transfer(self, data: st.DataObject, quantity: int) -> None:
        sku = data.draw(st.sampled_from(self.world.skus))
        origin, to = data.draw(st.permutations(self.world.locations))
        on_hand, allocated = self.world.levels().get((sku, origin), (0, 0))
        item = TransferItem(sku=sku, origin=origin, to=to, quantity=quantity)
        outcome = transfer_stock_levels([item], actor=build.TESTER)[0]
        assert outcome.ok is (on_hand - allocated >= quantity)
        if outcome.ok:
            self.model.on_hand[(sku, origin)] -= quantity
            self.model.on_hand[(sku, to)] += quantity

    # -- what must be true after every step --------------------------------------------------------------------------

    @invariant()
    def orders_are_as_the_model_says(self) -> None:
        for key, order in self.model.orders.items():
            rows = sql.fetch(
                "select quantity, cancelled, shipped, returned, allocated from orders_line where order_id = %s order by position",
                (key,),
            )
            assert [tuple(row[:4]) for row in rows] == [
                (x.quantity, x.cancelled, x.shipped, x.returned) for x in order.lines
            ]
            status = self.status(key)
            assert status == order.status(sum(row[4] for row in rows))
            visited[status] += 1

    @invariant()
    def stock_is_as_the_model_says(self) -> None:
        if not hasattr(self, "world"):
            return
        levels = self.world.levels()
        wanted = {key: n for key, n in self.model.on_hand.items() if n}
        assert {key: level[0] for key, level in levels.items() if level[0]} == wanted

    @invariant()
    def nothing_that_must_never_be_is(self) -> None:
        sql.execute("set constraints all immediate")
        sql.execute("set constraints all deferred")

    # -- reading -----------------------------------------------------------------------------------------------------

    def some_order(self, data: st.DataObject) -> Any:
        return data.draw(st.sampled_from(list(self.model.orders)))

    def status(self, key: Any) -> str:
        return str(build.order(key)["status"])

    def allocated_as_much_as_there_is(self, key: Any) -> None:
        for sku in self.world.skus:
            missing = sql.fetch(
                "select coalesce(sum(quantity - allocated - shipped - cancelled), 0) from orders_line where order_id = %s and sku = %s",
                (key, sku),
            )[0][0]
            rejected = self.model.orders[key].rejected
            places = [place for place in self.world.locations if place not in rejected]
            free = sum(self.free_at(place)[sku] for place in places)
            assert missing == 0 or free == 0, (sku, missing, free)

    def free_at(self, place: str) -> dict[str, int]:
        """What of each article the shop may have at a location."""
        levels = self.world.levels()
        both = {sku: levels.get((sku, place), (0, 0)) for sku in self.world.skus}
        return {sku: on_hand - allocated for sku, (on_hand, allocated) in both.items()}

    def staged(self, sku: str, place: str) -> int:
        return int(
            sql.fetch(
                "select coalesce(sum(k.quantity), 0) from stock_bin_stock k join stock_bin b on b.id = k.bin_id "
                "join catalog_product p on p.id = k.product_id join stock_location l on l.id = k.location_id "
                "where b.kind = 'staging' and p.sku = %s and l.code = %s",
                (sku, place),
            )[0][0]
        )

    def pick_lists(self) -> list[UUID]:
        rows = sql.fetch(
            "select p.id from picklists_pick_list p where p.location_id = any(%s) and p.status in ('open', 'picking') order by p.id",
            (list(self.world.location_ids.values()),),
        )
        return [row[0] for row in rows]

    def shipment_lines(self, shipment: UUID) -> list[dict[str, Any]]:
        names = (
            "id",
            "quantity",
            "position",
            "sku",
            "place",
            "status",
            "picked",
            "shipment_status",
        )
        rows = sql.fetch(
            "select l.id, l.quantity, o.position, o.sku, s.code, a.status, a.picked, h.status from shipments_line l "
            "join orders_line o on o.id = l.order_line_id join stock_location s on s.id = l.location_id "
            "join allocations_allocation a on a.id = l.allocation_id join shipments_shipment h on h.id = l.shipment_id "
            "where l.shipment_id = %s and l.is_live order by l.id",
            (shipment,),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]
