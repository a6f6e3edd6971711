"""One story: two orders are placed, one is picked, sent and half of it given back, the other is cancelled, and both are paid back.

Every call carries its own key for ever, so a run after a crash asks again what was not answered. What was answered is
written into the client's book, a line for each call.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from lab.crashes.points import POINTS
from lab.kills.people import PLACE, SHOP, SKUS
from orderwerk.core import clock
from orderwerk.core.relay import relay_once
from orderwerk.core.sweeper import sweep_once
from orderwerk.flows import jobs as flow_jobs
from orderwerk.integrations import jobs as provider_jobs
from orderwerk.refunds import jobs as refund_jobs

_PRICE = 1000


@dataclass
class Run:
    """What one life is told: where it dies (0: nowhere), its name, its payments, its book, whether time has passed."""

    deadly: int
    name: str
    payments: tuple[str, str]
    token: str
    book: str
    place: str
    later: bool


def live(told: dict[str, Any]) -> None:
    """Live the story as far as it goes."""
    run = Run(**told)
    POINTS.passed, POINTS.deadly, POINTS.log = 0, run.deadly, Path(run.place)
    if run.later:
        _catch_up()
    story = _Story(run)
    sent = story.buy("sent", run.payments[0])
    dropped = story.buy("dropped", run.payments[1])
    _work()
    story.send(sent)
    story.listed("other-list", dropped)
    story.do("cancel", "orders/cancel", {"order_id": dropped, "reason": "Changed"})
    _work()
    story.give_back(sent)
    _work()
    POINTS.log.write_text(f"passed {POINTS.passed}", encoding="utf-8")


class _Story:
    def __init__(self, run: Run) -> None:
        self._run = run
        self._client = Client(SERVER_NAME="127.0.0.1")
        self._book = Path(run.book)
        lines = self._book.read_text().splitlines() if self._book.is_file() else []
        self._told = {line["step"]: line["answer"] for line in map(json.loads, lines)}

    def buy(self, step: str, payment: str) -> str:
        """Place an order of two pieces and return its id."""
        name = f"{self._run.name}-{step}"
        document = {
            "shop": SHOP, "external_id": name, "placed_at": "2026-01-05T10:00:00+00:00", "currency": "EUR", "prices_include_tax": True,
            "customer": {"name": "Demo Person", "email": f"{name.lower()}@example.com"},
            "billing_address": {"name": "Demo Person", "street": "Street", "house_number": "1", "postal_code": "1234 AB", "city": "Town", "country": "NL"},
            "lines": [{"sku": SKUS[0], "name": "Article", "quantity": 2, "unit_price": "10.00", "tax_rate": "21.00"}],
            "payments": [{"provider": "mollie", "reference": payment, "status": "paid", "amount": "20.00"}],
        }  # fmt: skip
        return str(self._once(step, "orders", document)["id"])

    def send(self, order: str) -> None:
        """Pick it and send it off, with an e-mail."""
        made = self.listed("list", order)
        self.do("pick", "pick-lists/complete", {"pick_list_id": made["pick_lists"][0]["id"]})
        [shipment] = self._get(f"shipments?order_id={order}")["items"]
        self.do("ship", "shipments/ship", {"shipment_id": shipment["id"], "tracking_code": f"3S{order[-12:]}", "notify": True})  # fmt: skip

    def listed(self, step: str, order: str) -> Any:
        """Put its shipment on a pick list of its own."""
        [shipment] = self._get(f"shipments?order_id={order}")["items"]
        item = {"location": PLACE, "shipment_ids": [shipment["id"]]}
        return self.do(step, "pick-lists/create", item)

    def give_back(self, order: str) -> None:
        """Send one piece back."""
        [line] = self._get(f"orders/{order}")["lines"]
        item = {"order_id": order, "lines": [{"order_line_id": line["id"], "quantity": 1, "reason": "damaged", "restock": True}]}  # fmt: skip
        self.do("return", "returns/create", item)

    def do(self, step: str, path: str, item: dict[str, Any]) -> Any:
        """Run a bulk command with one item, which has to succeed."""
        [result] = self._once(step, path, {"items": [item]})["results"]
        if not result["ok"]:
            raise SystemExit(f"{step}: {result}")
        return result

    def _once(self, step: str, path: str, body: Any) -> Any:
        if step not in self._told:
            self._told[step] = self._answer(
                self._client.post(f"/api/v1/{path}", json.dumps(body), "application/json", headers={**self._headers(), "Idempotency-Key": f"{self._run.name}-{step}"})
            )  # fmt: skip
            with self._book.open("a") as book:
                book.write(json.dumps({"step": step, "answer": self._told[step]}) + "\n")
        return self._told[step]

    def _get(self, path: str) -> Any:
        return self._answer(self._client.get(f"/api/v1/{path}", headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._run.token}"}

    def _answer(self, answer: Any) -> Any:
        if answer.status_code not in (200, 201):
            raise SystemExit(f"answered {answer.status_code}: {answer.content!r}")
        return json.loads(answer.content)


def _work() -> None:
    """Relay and work until nothing is left to do."""
    while relay_once() or asyncio.run(_jobs()):
        continue


async def _jobs() -> int:
    queue = app.with_connector(cast(DjangoConnector, app.connector).get_worker_connector())
    async with queue.open_async():
        jobs = await queue.job_manager.list_jobs_async(status="todo")
        due = [job for job in jobs if job.scheduled_at is None or job.scheduled_at <= clock.now()]
        if due:
            await queue.run_worker_async(wait=False, concurrency=1, listen_notify=False, install_signal_handlers=False, delete_jobs="successful")  # fmt: skip
        return len(due)


def _catch_up() -> None:
    """What the sweeper and the schedule do as time passes after a worker was killed."""
    sweep_once(0)
    _work()
    for errand in (refund_jobs.submit_all, provider_jobs.send_due_refunds, flow_jobs.send_due, flow_jobs.catch_up_invoices):  # fmt: skip
        errand(0)
    _work()
