"""Real threads against real PostgreSQL: whoever comes second is told why, and every counter stays right."""

from functools import partial

import pytest

from orderwerk.checks.run import ALL, run_checks
from orderwerk.core import sql
from orderwerk.core.errors import Again, Refusal
from orderwerk.core.ids import new_id
from orderwerk.core.outcome import Outcome
from orderwerk.flows.adjust_stock import AdjustItem, adjust_stock_levels
from orderwerk.flows.allocate_orders import AllocateItem, allocate_orders
from orderwerk.flows.cancel_orders import CancelItem, cancel_orders
from orderwerk.flows.cancel_shipments import CancelShipmentItem, cancel_shipments
from orderwerk.flows.complete_pick_lists import CompleteItem, complete_pick_lists
from orderwerk.flows.count_stock import CountItem, count_stock_levels
from orderwerk.flows.pick_lines import PickItem, pick_lines
from orderwerk.flows.place_orders import place_orders
from orderwerk.flows.record_scans import ScanItem, record_scans
from orderwerk.flows.reject_shipments import RejectShipmentItem, reject_shipments
from orderwerk.flows.release_allocations import ReleaseAllocationItem, release_allocations
from orderwerk.flows.release_pick_lists import ReleasePickListItem, release_pick_lists
from orderwerk.flows.ship_shipments import ShipItem, ship_shipments
from orderwerk.orders.document import OrderDocument
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from tests import build
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def _one(outcomes: list[Outcome]) -> Outcome:
    return outcomes[0]


def _healthy() -> None:
    report = run_checks(
        [invariant for invariant in ALL if invariant.id not in {"durable", "stuck-outbox"}]
    )
    assert report.findings == []
    assert report.unchecked == {}


def _split(results: list[Outcome | BaseException]) -> tuple[list[Outcome], list[Refusal]]:
    crashed = [r for r in results if isinstance(r, BaseException)]
    assert crashed == []
    outcomes = [r for r in results if isinstance(r, Outcome)]
    return [o for o in outcomes if o.ok], [o.error for o in outcomes if o.error is not None]


def test_the_last_units_are_sold_once() -> None:
    world = build.world(locations=2, products=1, stock=3)
    documents = [world.document((world.skus[0], 1)) for _ in range(16)]

    results = together([lambda d=d: _one(place_orders([d], actor=build.TESTER)) for d in documents])

    done, refused = _split(results)
    assert refused == []
    assert (
        sorted(o.data["status"] for o in done)
        == ["awaiting_shipment"] * 6 + ["awaiting_stock"] * 10
    )
    assert sum(level[1] for level in world.levels().values()) == 6
    _healthy()


def test_generated_numbers_and_the_same_given_ones_at_the_same_moment() -> None:
    world = build.world(products=1, stock=1000, number_prefix="")
    for _ in range(ROUNDS):
        n = int(sql.fetch("select nextval('orders_number')")[0][0])
        numbers = [str(number) for number in range(n, n + 24)]
        given = [[world.document(number=number)] for number in numbers]
        generated = [[world.document()] for _ in range(6)]
        taken = [
            batch for four in zip(*[iter(given)] * 4, generated, strict=True) for batch in four
        ]

        results = together([lambda b=b: _one(place_orders(b, actor=build.TESTER)) for b in taken])

        assert [r for r in results if not isinstance(r, Outcome)] == []
        refused = _split(results)[1]
        assert {error.code for error in refused} <= {"number_exists"}
    _healthy()


def test_orders_with_the_same_products_in_any_order_do_not_block_each_other_for_ever() -> None:
    world = build.world(locations=2, products=4, stock=50)
    forward = [(sku, 1) for sku in world.skus]
    documents: list[OrderDocument] = []
    for _ in range(8):
        documents += [world.document(*forward), world.document(*reversed(forward))]

    results = together([lambda d=d: _one(place_orders([d], actor=build.TESTER)) for d in documents])

    assert {o.data["status"] for o in _split(results)[0]} == {"awaiting_shipment"}
    _healthy()


def test_a_duplicate_at_the_same_moment_is_one_order() -> None:
    world = build.world()
    document = world.document()

    done, refused = _split(
        together([lambda: _one(place_orders([document], actor=build.TESTER))] * 12)
    )

    assert refused == []
    assert len({o.id for o in done}) == 1
    assert [o.data["created"] for o in done].count(True) == 1
    assert sql.fetch("select count(*) from orders_order")[0][0] == 1
    _healthy()


def test_a_payment_reference_belongs_to_one_order() -> None:
    world = build.world()
    payment = [{"provider": "test", "reference": "same", "status": "paid", "amount": "10.00"}]
    documents = [world.document(payments=payment) for _ in range(8)]

    done, refused = _split(
        together([lambda d=d: _one(place_orders([d], actor=build.TESTER)) for d in documents])
    )

    assert len(done) == 1
    assert {r.code for r in refused} == {"payment_exists"}
    _healthy()


def test_ship_against_cancel_has_one_winner() -> None:
    world = build.world(stock=1000)
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 2))
        shipment = build.shipments(order)[0]
        ship = [partial(ship_shipments, [ShipItem(shipment_id=shipment)], actor=build.TESTER)] * 3
        cancel = [
            partial(cancel_orders, [CancelItem(order_id=order, reason="x")], actor=build.TESTER)
        ] * 3

        results = together(
            [lambda c=c: _one(c()) for pair in zip(ship, cancel, strict=True) for c in pair]
        )

        done, refused = _split(results)
        assert len(done) == 1, results
        assert len(refused) == 5
        assert build.order(order)["status"] in {"shipped", "cancelled"}
    _healthy()


def test_two_pickers_pick_a_line_once() -> None:
    world = build.world(stock=1000)
    for _ in range(ROUNDS):
        world.place((world.skus[0], 4))
        pick_list = (
            create_pick_lists(
                [CreatePickListItem(location=world.locations[0])], actor=build.TESTER
            )[0]
            .require()
            .id
        )
        assert pick_list is not None
        line, quantity = build.pick_lines_of(pick_list)[0]
        pick = [
            partial(pick_lines, [PickItem(pick_line_id=line, picked=quantity)], actor=build.TESTER)
        ] * 4
        complete = [
            partial(complete_pick_lists, [CompleteItem(pick_list_id=pick_list)], actor=build.TESTER)
        ] * 2

        done, refused = _split(together([lambda c=c: _one(c()) for c in [*pick, *complete]]))

        assert len(done) == 1
        assert {r.code for r in refused} <= {"pick_line_done", "pick_list_finished", "wrong_state"}
    _healthy()


def test_pickers_who_find_a_bin_empty_at_once_leave_the_books_right() -> None:
    world = build.world(locations=2, products=ROUNDS, stock=0)
    for (
        sku
    ) in world.skus:  # one for each round: what waits from the last would take this one's pieces
        world.count(world.locations[0], {sku: 12})
        orders = [world.place((sku, 2)) for _ in range(4)]
        items = [CreatePickListItem(location=world.locations[0], shipment_ids=[build.shipments(o)[0]]) for o in orders[:3]]  # fmt: skip
        lists = [o.require().id for o in create_pick_lists(items, actor=build.TESTER)]
        lines = [build.pick_lines_of(key)[0][0] for key in lists]  # type: ignore[arg-type]
        shorts = [[PickItem(pick_line_id=key, picked=1, short=1, reason="missing")] for key in lines]  # fmt: skip
        count = CountItem(sku=sku, location=world.locations[0], quantity=20)
        actions: list[partial[list[Outcome]]] = [
            *(partial(pick_lines, item, actor=build.TESTER) for item in shorts),
            partial(cancel_orders, [CancelItem(order_id=orders[3], reason="x")], actor=build.TESTER),
            partial(count_stock_levels, [count], actor=build.TESTER),
            partial(place_orders, [world.document((sku, 1))], actor=build.TESTER),
        ]  # fmt: skip

        _split(together([lambda a=a: _told(a) for a in actions]))

        _healthy()


def test_releasing_the_rest_against_picking_it_loses_no_piece() -> None:
    world = build.world(locations=1, products=1, stock=1000)
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 4))
        made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
        assert made.id is not None
        [(line, _)] = build.pick_lines_of(made.id)
        actions: list[partial[list[Outcome]]] = [
            *[partial(pick_lines, [PickItem(pick_line_id=line, picked=1)], actor=build.TESTER)] * 3,
            *[partial(release_pick_lists, [ReleasePickListItem(pick_list_id=made.id)], actor=build.TESTER)] * 2,
        ]  # fmt: skip

        _split(together([lambda a=a: _one(a()) for a in actions]))

        claims = build.allocations(order, "allocated", "picked")
        picked = build.order(order)["units_picked"]
        assert sum(n for _, _, n, _ in claims) == 4
        assert sum(n for _, status, n, _ in claims if status == "picked") == picked
        cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)
    _healthy()


def test_a_scan_that_arrives_many_times_at_once_is_booked_once() -> None:
    world = build.world(locations=1, products=1, stock=1000)
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 4))
        made = create_pick_lists([CreatePickListItem(location=world.locations[0])], actor=build.TESTER)[0].require()  # fmt: skip
        assert made.id is not None
        [(line, _)] = build.pick_lines_of(made.id)
        scans = [ScanItem(key=new_id(), pick_list_id=made.id, pick_line_id=line, picked=1) for _ in range(2)]  # fmt: skip

        done, refused = _split(together([lambda s=scans: _one(record_scans(s, actor=build.TESTER))] * 4))  # fmt: skip

        assert (len(done), refused) == (4, [])
        assert build.order(order)["units_picked"] == 2
        cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)
    _healthy()


def test_a_claim_stands_on_one_pick_list() -> None:
    world = build.world(stock=1000)
    shipments = [build.shipments(world.place())[0] for _ in range(4)]
    items = [
        [CreatePickListItem(location=world.locations[0], shipment_ids=[key])]
        for key in shipments
        for _ in range(3)
    ]

    done, refused = _split(
        together([lambda i=i: _one(create_pick_lists(i, actor=build.TESTER)) for i in items])
    )

    assert len(done) == 4
    assert {r.code for r in refused} == {"nothing_to_pick"}
    _healthy()


def test_allocating_twice_claims_once() -> None:
    world = build.world(stock=0)
    orders = [world.place((world.skus[0], 2)) for _ in range(4)]
    world.count(world.locations[0], {world.skus[0]: 5})

    results = together(
        [
            lambda o=o: _one(allocate_orders([AllocateItem(order_id=o)], actor=build.TESTER))
            for o in orders
            for _ in range(4)
        ]
    )

    done, _ = _split(results)
    assert sum(o.data["allocated"] for o in done) == 5
    assert world.levels()[(world.skus[0], world.locations[0])] == (5, 5)
    _healthy()


def test_release_cancel_and_allocate_at_once_keep_the_books() -> None:
    world = build.world(stock=6)
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 3), (world.skus[1], 2))
        claims = [key for key, *_ in build.allocations(order)]
        actions = [
            *(partial(release_allocations, [ReleaseAllocationItem(allocation_id=key)], actor=build.TESTER) for key in claims * 2),
            partial(allocate_orders, [AllocateItem(order_id=order)], actor=build.TESTER),
            partial(cancel_orders, [CancelItem(order_id=order, reason="x")], actor=build.TESTER),
            partial(adjust_stock_levels, [
                AdjustItem(sku=world.skus[0], location=world.locations[0], difference=1, reason="found")
            ], actor=build.TESTER),
        ]  # fmt: skip

        _split(together([lambda a=a: _one(a()) for a in actions]))

        cancel_orders([CancelItem(order_id=order, reason="x")], actor=build.TESTER)
        assert build.order(order)["status"] == "cancelled"
    assert {level[1] for level in world.levels().values()} == {0}
    _healthy()


def test_undoing_a_shipment_many_times_undoes_it_once() -> None:
    world = build.world(stock=10)
    order = world.place((world.skus[0], 4))
    shipment = build.shipments(order)[0]
    ship_shipments([ShipItem(shipment_id=shipment)], actor=build.TESTER)[0].require()

    done, refused = _split(
        together(
            [
                lambda: _one(
                    cancel_shipments([CancelShipmentItem(shipment_id=shipment)], actor=build.TESTER)
                )
            ]
            * 8
        )
    )

    assert len(done) == 1
    assert {r.code for r in refused} == {"shipment_cancelled"}
    assert world.levels()[(world.skus[0], world.locations[0])] == (10, 4)
    _healthy()


def test_a_count_below_what_is_claimed_meets_new_orders_and_shipments() -> None:
    world = build.world(locations=2, products=1, stock=0)
    for _ in range(ROUNDS):
        world.count(world.locations[0], {world.skus[0]: 12})
        orders = [world.place((world.skus[0], 2)) for _ in range(5)]
        count = CountItem(sku=world.skus[0], location=world.locations[0], quantity=5)
        documents = [world.document((world.skus[0], 1)) for _ in range(3)]
        actions = [
            *[partial(count_stock_levels, [count], actor=build.TESTER)] * 3,
            *(partial(place_orders, [d], actor=build.TESTER) for d in documents),
            *(
                partial(ship_shipments, [ShipItem(shipment_id=build.shipments(o)[0])], actor=build.TESTER)
                for o in orders[:2]
            ),
            partial(cancel_orders, [CancelItem(order_id=orders[4], reason="x")], actor=build.TESTER),
        ]  # fmt: skip

        results = together([lambda a=a: _told(a) for a in actions])

        _split(results)
        on_hand, allocated = world.levels()[(world.skus[0], world.locations[0])]
        assert allocated <= on_hand <= 5
        _healthy()


def test_ship_against_reject_has_one_winner() -> None:
    world = build.world(stock=1000)
    for _ in range(ROUNDS):
        order = world.place((world.skus[0], 2))
        shipment = build.shipments(order)[0]
        item = RejectShipmentItem(shipment_id=shipment, reason="x")
        actions = [
            partial(ship_shipments, [ShipItem(shipment_id=shipment)], actor=build.TESTER),
            partial(reject_shipments, [item], actor=build.TESTER),
        ] * 3

        done, refused = _split(together([lambda a=a: _one(a()) for a in actions]))

        assert len(done) == 1
        assert {r.code for r in refused} <= {"shipment_shipped", "shipment_cancelled"}
        assert sum(n for _, _, n, _ in build.allocations(order, "allocated", "shipped")) == 2
    _healthy()


def _told(action: partial[list[Outcome]]) -> Outcome:
    # Four attempts may not be enough in such a crowd; then the caller is told to try again.
    try:
        return _one(action())
    except Again as refusal:
        return Outcome.refused(refusal)
