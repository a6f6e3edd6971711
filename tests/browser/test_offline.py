"""Scan pages that are loaded again without a connection, in a real browser: what was kept, for whom, and that it is booked once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orderwerk.console import views
from orderwerk.picklists.commands.create import CreatePickListItem, create_pick_lists
from orderwerk.shipments.queries import shipment_detail
from tests import build
from tests.browser.eventually import eventually
from tests.browser.test_picking import scanned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]
Open = Callable[..., Page]
Check = Callable[[Page], None]
PAGES = "caches.open('orderwerk.scan.1').then((store) => store.keys()).then((all) => all.map((each) => new URL(each.url).pathname).filter((path) => !path.startsWith('/static/')).sort())"


def kept(page: Page) -> None:
    """Wait until the device has kept the page and its files."""
    expect(page.locator("html[data-keeps]")).to_have_count(1, timeout=20_000)


def test_a_list_and_a_parcel_are_loaded_again_without_a_connection_and_all_is_booked_once(open_page: Open, check_page: Check) -> None:  # fmt: skip
    world = build.world(locations=1)
    order, packed = world.place((world.skus[0], 4)), world.place((world.skus[1], 2))
    made = create_pick_lists([CreatePickListItem(location=world.locations[0], shipment_ids=build.shipments(order))], actor=build.TESTER)[0].require()  # fmt: skip
    number = made.data["pick_lists"][0]["number"]
    parcel = shipment_detail(build.TESTER, build.shipments(packed)[0]).shipment.number
    page = open_page(f"/pick-lists/{number}/scan/", role="warehouse", size="phone")
    kept(page)
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator(".scan-count")).to_have_text("3 pieces")
    expect(page.locator("#waiting")).to_have_text("")
    start = page.url.split("/pick-lists/")[0]
    page.goto(f"{start}/shipments/{parcel}/pack/")
    expect(page.locator("#code")).to_be_focused()
    kept(page)
    scanned(page, world.skus[1])
    expect(page.locator("#count")).to_have_text("1 / 2")

    page.context.set_offline(True)
    # A page that has just been loaded knows for a moment nothing of that: what it sends at once would get through.
    page.context.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.fallback())  # fmt: skip
    page.reload()
    expect(page.locator(".scan-offline")).to_be_visible()
    expect(page.locator("#count")).to_have_text("1 / 2")
    expect(page.locator("#code")).to_be_focused()
    scanned(page, world.skus[1])
    page.click("#ship")
    expect(page.locator("#ship")).to_be_disabled()
    # The list as it is, not as it was when it was kept: a piece has been booked since.
    page.goto(f"{start}/pick-lists/{number}/scan/")
    expect(page.locator(".scan-count")).to_have_text("3 pieces")
    expect(page.locator("#code")).to_be_focused()
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator("#waiting")).to_have_text("1 not sent yet")
    page.reload()
    expect(page.locator(".scan-count")).to_have_text("2 pieces")
    expect(page.locator("#code")).to_be_focused()
    check_page(page)
    scanned(page, "DEFAULT")
    scanned(page, world.skus[0])
    expect(page.locator("#waiting")).to_have_text("2 not sent yet")
    assert build.order(order)["units_picked"] == 1

    page.context.unroute_all(behavior="ignoreErrors")
    page.context.set_offline(False)
    eventually(lambda: build.order(order)["units_picked"], 3)
    expect(page.locator(".scan-offline")).to_be_hidden()
    page.goto(f"{start}/scan/")
    eventually(lambda: build.order(packed)["units_shipped"], 2)
    expect(page.locator("#unsent")).to_have_text("")
    assert build.order(order)["units_picked"] == 3


def test_what_is_kept_is_scan_pages_alone_and_gone_with_who_saw_them(open_page: Open) -> None:
    build.world(locations=1)
    page = open_page("/scan/", role="warehouse", size="phone")
    kept(page)
    page.goto(page.url.replace("/scan/", "/pick-lists/"))
    expect(page.locator("h1")).to_be_visible()
    page.goto(page.url.replace("/pick-lists/", "/scan/"))
    # The worker keeps beside the page: what it still writes would stand over what is put there below.
    kept(page)
    eventually(lambda: page.evaluate(PAGES), ["/scan/", "/scan/person"])

    # Somebody else, of whose login this worker saw nothing: what is kept is theirs from the first page on.
    page.evaluate("caches.open('orderwerk.scan.1').then((store) => Promise.all([store.put('/scan/person', new Response('somebody')), store.put('/scan/count/x/', new Response('theirs'))]))")  # fmt: skip
    page.reload()
    eventually(lambda: page.evaluate(PAGES), ["/scan/", "/scan/person"])

    page.goto(page.url.replace("/scan/", "/account/logout/"))
    eventually(lambda: page.evaluate(PAGES), [])
    page.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_"):
        page.goto(page.url.replace("/account/logout/", "/scan/"))


# The worker in a place of its own: the network and the device's store are doubles that can be slow, full and a day older.
WORKER = """async (text) => {
  const base = "https://shop.test";
  const stores = new Map();
  const device = { full: false, offline: false, now: 1e12, slow: null, asked: 0 };
  const url = (key) => new URL(typeof key === "string" ? key : key.url, base).href;
  const there = () => { if (device.full) throw new Error("full"); };
  const caches = {
    open: async (name) => {
      there();
      if (!stores.has(name)) stores.set(name, new Map());
      const all = stores.get(name);
      return {
        keys: async () => [...all.keys()].map((each) => ({ url: each })),
        match: async (key) => all.get(url(key))?.clone(),
        delete: async (key) => all.delete(url(key)),
        put: async (key, answer) => { all.delete(url(key)); all.set(url(key), answer); },
      };
    },
    match: async (key, { cacheName }) => { there(); return stores.get(cacheName)?.get(url(key))?.clone(); },
    delete: async (name) => { there(); return stores.delete(name); },
    keys: async () => [...stores.keys()],
  };
  const network = async (request) => {
    device.asked += 1;
    if (device.offline) throw new Error("offline");
    const html = '<html lang="en" data-person="p1">';
    if (!device.slow || request.method === "POST") return new Response(html);
    return new Response(new ReadableStream({ async start(out) { await device.slow; out.enqueue(new TextEncoder().encode(html)); out.close(); } }));
  };
  const on = {};
  const self = { location: new URL(base), addEventListener: (name, act) => { on[name] = act; }, skipWaiting: () => {} };
  new Function("self", "caches", "fetch", "Date", text)(self, caches, network, { now: () => device.now });
  const go = async (path, method = "GET") => {
    const waits = [];
    let answer = null;
    on.fetch({ request: { url: base + path, method, mode: "navigate" }, waitUntil: (each) => waits.push(each), respondWith: (each) => { answer = each; } });
    const got = await answer.catch((problem) => ({ status: String(problem) }));
    return { status: got.status, got, done: Promise.all(waits) };
  };
  const look = async (address, files) => {
    let done = null;
    on.message({ data: { address: base + address, files: files.map((each) => base + each) }, ports: [], waitUntil: (each) => { done = each; } });
    await done;
  };
  const names = () => [...(stores.get("orderwerk.scan.1")?.keys() ?? [])].map((each) => each.slice(base.length));
  const told = {};

  await (await go("/scan/count/a/")).done;
  await look("/scan/count/a/", ["/static/old.css"]);
  for (let n = 0; n < 45; n += 1) await (await go(`/shipments/pack/?done=S-${n}&changed=1&back=x`)).done;
  await (await go("/shipments/S-1/pack/?list=W1&scan=871")).done;
  const asked = device.asked;
  await look("/shipments/S-1/pack/?list=W1", []);
  told.again = device.asked - asked;
  told.many = names();
  device.offline = true;
  told.kept = (await (await go("/shipments/pack/?done=S-99")).got.text()).includes("data-kept");
  device.now += 90_000_000;
  told.old = (await go("/scan/count/a/")).status;
  device.offline = false;
  await (await go("/scan/count/b/")).done;
  told.swept = names();

  let come = null;
  device.slow = new Promise((resolve) => { come = resolve; });
  const late = await go("/scan/count/late/");
  await (await go("/account/logout/", "POST")).done;
  come();
  await late.done;
  told.left = names();

  device.slow = null;
  device.full = true;
  told.door = [(await go("/account/login/", "POST")).status, (await go("/account/login/")).status, (await go("/scan/")).status];
  device.offline = true;
  told.nothing = (await go("/scan/")).status;
  return told;
}"""


def test_kept_pages_have_an_age_and_nobody_waits_at_the_door(open_page: Open) -> None:
    page = open_page("/scan/", role="warehouse").context.new_page()
    text = (Path(views.__file__).parents[1] / "static" / "console" / "scan_worker.js").read_text()

    told = page.evaluate(WORKER, text)

    # A parcel that was packed just before makes no page of its own.
    assert sorted(told["many"]) == ["/scan/count/a/", "/scan/person", "/shipments/S-1/pack/?list=W1", "/shipments/pack/", "/static/old.css"]  # fmt: skip
    # Nor does one that was opened from a list by an article; its page, which forgets the article then, is not fetched again.
    assert told["again"] == 0
    assert told["kept"]
    # A day later nothing of it is shown or left, files of a release before neither.
    assert told["old"] == 0
    assert sorted(told["swept"]) == ["/scan/count/b/", "/scan/person"]
    # What was still on its way when somebody left is not kept.
    assert told["left"] == []
    # A store that is full keeps nobody from logging in, out or working.
    assert (told["door"], told["nothing"]) == ([200, 200, 200], 0)
