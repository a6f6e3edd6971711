"""Who is mentioned in a memo is told of it, once, as far as that person may see the shop."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwerk.core import sql
from orderwerk.core.actor import Actor
from orderwerk.memos.commands.create import MemoItem, create_memos, names_in
from orderwerk.memos.commands.see_mentions import SeeMentionItem, see_mentions
from orderwerk.memos.queries import MemoFilters, memo_page, unseen_mentions
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@anna please call", ["anna"]),
        ("Hi @Anna, @bert.b.", ["anna", "bert.b"]),
        ("mail to a@example.com", []),
        ("(@anna)", ["anna"]),
        ("@@anna @", []),
    ],
)
def test_names_are_found_and_addresses_are_none(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_who_is_mentioned_finds_the_memo_and_has_it_out_of_the_way(enter: Enter) -> None:
    world = build.world()
    order = world.place()
    anna, bert = enter("customer_service", username="anna"), enter("customer_service", username="bert")  # fmt: skip

    bert.post(f"/orders/{build.order(order)['number']}/do/memo/", {"text": "@anna @anna @nobody call her"})  # fmt: skip

    assert "call her" in anna.get("/mentions/").content.decode()
    assert "1</span>" in anna.get("/orders/").content.decode()
    assert "call her" not in bert.get("/mentions/").content.decode()
    [(memo,)] = sql.fetch("select memo_id from memos_mention")
    bert.post(f"/mentions/{memo}/seen/")
    assert sql.fetch("select seen_at is null from memos_mention") == [(True,)]
    for _ in range(2):
        anna.post(f"/mentions/{memo}/seen/")
    assert "call her" not in anna.get("/mentions/").content.decode()
    assert "call her" in anna.get("/mentions/?status=all").content.decode()
    kinds = sql.fetch("select kind from core_event where kind like 'memo.%%' order by id")
    assert kinds == [("memo.created",), ("memo.mention_seen",)]


def test_who_may_not_see_the_shop_or_is_not_there_is_not_told(enter: Enter) -> None:
    mine, theirs = build.world(), build.world()
    enter("customer_service", username="carl", shops=(theirs.shop,))
    gone = enter("customer_service", username="dora")
    sql.execute("update accounts_user set is_active = false where username = 'dora'")
    assert gone.get("/mentions/").status_code == 302

    item = MemoItem(order_id=mine.place(), text="@carl @dora")
    made = create_memos([item], actor=build.TESTER)[0].require()

    assert made.data["mentioned"] == []
    assert sql.fetch("select count(*) from memos_mention") == [(0,)]


def test_the_api_says_who_was_told(enter: Enter) -> None:
    enter(username="anna")
    world = build.world()
    create_memos([MemoItem(order_id=world.place(), text=t) for t in ("@anna", "x")], actor=build.TESTER)  # fmt: skip

    [found] = memo_page(build.TESTER, MemoFilters(mentioned="anna")).items

    assert found.mentions == ["anna"]


def test_nobody_sees_a_mention_for_somebody_else() -> None:
    memo = create_memos([MemoItem(order_id=build.world().place(), text="x")], actor=build.TESTER)
    item = SeeMentionItem(memo_id=memo[0].require().id)  # type: ignore[arg-type]

    outcome = see_mentions([item], actor=Actor("user", "x", build.world().shop_id))[0]

    assert outcome.error is not None
    assert outcome.error.code == "unknown_memo"


def test_only_memos_on_orders_that_one_sees_are_counted(enter: Enter) -> None:
    world = build.world()
    enter(username="anna")
    [(anna,)] = sql.fetch("select id from accounts_user where username = 'anna'")
    memo = MemoItem(order_id=world.place(), text="@anna")
    create_memos([memo], actor=build.TESTER)[0].require()

    seen = [
        unseen_mentions(
            Actor("user", "anna", anna, location_ids=frozenset({world.location_ids[place]}))
        )
        for place in world.locations
    ]

    assert seen == [1, 0]
