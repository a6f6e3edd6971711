"""Takes the pictures of the how-tos from a demo that runs: `./orderwerk demo`, then

    python lab/pictures.py http://127.0.0.1:8000 PASSWORD [NAME ...]

Without names all of them. It clicks as a person does, and books nothing. Needs chromium, pdftoppm for paper, and pngquant to keep the files small. Some
pages have something to show only where it was made before: a counter of the demo's database that was changed by hand, hold rules, a
store credit that was spent, a return label, a shipment of two packages with PostNL's labels, two orders of one customer in one box, two open shipments to one door, a repair,
routing rules in force, a draft of others, a shop's boxes, and a shipment that was split.
"""

import base64
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
WIDE, PHONE = (1200, 720), (390, 760)
MOST_BYTES = 120_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: where it is taken, how large, and what is clicked before."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    steps: Callable[[Page], None] | None = None


def first(page: Page, words: str = "") -> None:
    """Open the first row of the list, or the first that has some words."""
    row = page.locator("#listing tbody tr", has_text=words).first
    row.locator("a.strong-link").click()
    page.wait_for_load_state("networkidle")


def scan(page: Page, code: str) -> None:
    """Type as a scanner does."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def wave_proposal(page: Page) -> None:
    """Ask for a wave that lies together."""
    page.locator("a", has_text="Make pick lists").first.click()
    page.check("dialog input[value=totes]")
    page.fill("dialog #id_limit", "30")
    page.fill("dialog #id_max_units", "240")
    page.fill("dialog #id_min_units", "160")
    page.fill("dialog #id_wave", "Noon")
    page.locator("dialog .preview .strong").nth(1).wait_for()
    # What was asked before the last word was typed is answered first.
    page.wait_for_timeout(8000)


def batch(page: Page) -> None:
    """Ask for walks of several orders that are sorted into totes, ten on each."""
    page.locator("a", has_text="Make pick lists").first.click()
    page.check("dialog input[value=totes]")
    page.fill("dialog #id_limit", "30")
    page.fill("dialog #id_max_orders", "10")
    page.locator("dialog .preview .strong").first.wait_for()
    page.wait_for_timeout(3000)


def chosen(page: Page, words: str, row: str = "") -> None:
    """Open the first of a list and press what stands under More."""
    first(page, row)
    page.locator("main details.menu summary", has_text="More").first.click()
    page.locator("main details.menu a", has_text=words).first.click()
    page.locator("dialog[open]").wait_for()


def walk(page: Page) -> None:
    """Show all that can be done with a walk."""
    first(page)
    page.locator("main details.menu summary", has_text="More").first.click()


def rejected(page: Page) -> None:
    """Say that a location cannot send a shipment."""
    chosen(page, "Cannot be sent from here")
    page.locator("dialog [name=reason]").first.fill("The shelf was wet; all of it is spoilt")


def undone(page: Page) -> None:
    """Ask to undo a shipment that has left."""
    chosen(page, "Cancel the shipment", "Shipped")


def closing(page: Page) -> None:
    """Close a location, with what happens to what lies there."""
    page.locator("[name=is_active]").last.uncheck()
    page.locator("[name=is_active]").last.evaluate(
        "field => field.scrollIntoView({ block: 'center' })"
    )


def whole(page: Page) -> None:
    """Go on to all of a list."""
    page.locator("a", has_text="All of this list").click()
    page.wait_for_load_state("networkidle")


def packing(page: Page) -> None:
    """Scan most of a parcel into its box, and something that does not belong there."""
    first(page)
    page.goto(page.url.rstrip("/") + "/pack/")
    for sku in page.eval_on_selector_all(".pack-list li", "rows => rows.slice(0, 2).map(r => r.dataset.sku)"):  # fmt: skip
        scan(page, sku)
    scan(page, "4711")


def part(page: Page) -> None:
    """Ask to ship a part."""
    first(page)
    page.goto(page.url.rstrip("/") + "/part/")


def demo_order(page: Page) -> None:
    """Open the newest order of the demo's own."""
    first(page, "Demo Customer")


def cancelling(page: Page) -> None:
    """Ask to cancel a paid order, with a part of the money going back."""
    demo_order(page)
    page.locator("details.menu summary", has_text="More").click()
    page.locator("details.menu a", has_text="Cancel the order").click()
    page.fill("dialog #id_reason", "Changed his mind, engraving had begun")
    page.check("dialog input[name=refund][value=part]")
    page.fill("dialog #id_refund_amount", "10.00")


def handing_over(page: Page) -> None:
    """Ask who deals with a hold from now on."""
    first(page)
    page.locator("a", has_text="Hand it over").first.click()
    page.locator("dialog #id_owner").wait_for()


def boxed(page: Page) -> None:
    """Open a request that came in the box of another one, and ask to change that."""
    first(page, "Sanne Visser")
    page.get_by_text("Change the box").click()
    page.locator("dialog select").wait_for()


def one_parcel(page: Page) -> None:
    """Open a shipment whose door another order's shipment goes to as well."""
    first(page, "Sanne Visser")


def merging(page: Page) -> None:
    """Ask to put another shipment of the same order into one."""
    first(page)
    page.locator("details.menu summary", has_text="More").click()
    page.locator("details.menu a", has_text="Put another into it").click()
    page.locator("dialog select").wait_for()


def moving(page: Page) -> None:
    """Ask to let another location send a shipment."""
    first(page)
    page.locator("details.menu summary", has_text="More").click()
    page.locator("details.menu a", has_text="Move to another location").click()
    page.locator("dialog select").select_option(label="Warehouse London")


def sending(page: Page) -> None:
    """Write a transfer to another location."""
    page.locator("a", has_text="Send a transfer").click()
    page.locator("dialog [name=origin]").select_option(label="Warehouse Amsterdam")
    page.locator("dialog [name=to]").select_option(label="Store Utrecht")
    page.fill("dialog [name=reference]", "Saturday's delivery")
    page.fill("dialog [name=lines]", "22086\t24\n85123A\t12")


def offering(page: Page) -> None:
    """Offer another article for one that waits."""
    first(page)
    page.locator("nav.tabs a", has_text="Articles").click()
    page.locator("main a", has_text="Offer a substitute").first.click()
    page.locator("dialog [name=sku]").fill("22366")


def short(page: Page) -> None:
    """Tell that a bin held fewer than was asked."""
    first(page)
    page.locator("main a", has_text="Short").first.click()
    page.locator("dialog [name=picked]").fill("2")
    page.locator("dialog [name=reason]").first.wait_for()


def repairing(page: Page) -> None:
    """Open the claim of goods that are here for repair, and ask to send them back."""
    page.locator("#listing tbody tr", has_text="Here for repair").first.locator("a", has_text="Repaired").click()  # fmt: skip
    page.locator("dialog [name=carrier]").wait_for()


def moved(page: Page) -> None:
    """Take pieces out of a bin, to be put into another."""
    lies = page.evaluate("""() => {
      const floor = JSON.parse(document.querySelector("#floor").textContent);
      const found = floor.articles.find((each) => !each.byLot && Object.values(each.at).some((n) => n[1] > 5));
      return [Object.keys(found.at).find((bin) => found.at[bin][1] > 5), found.sku];
    }""")
    for code in (*lies, lies[1]):
        scan(page, code)
        page.wait_for_timeout(200)


def kept_back(page: Page) -> None:
    """Ask to keep pieces for one shop."""
    page.locator("details.menu summary", has_text="More").click()
    page.locator("details.menu a", has_text="Reserve for a shop").click()
    page.locator("dialog [name=location]").select_option(label="Warehouse Amsterdam")
    page.locator("dialog [name=shop]").select_option(index=1)
    page.locator("dialog [name=reserved]").fill("12")


def set_aside(page: Page) -> None:
    """Ask to set a walk aside until tomorrow."""
    first(page)
    page.locator("main details.menu summary", has_text="More").first.click()
    page.locator("main details.menu a", has_text="Set aside").first.click()
    page.locator("dialog [name=note]").fill("The lift is being repaired")


def shipping_rule(page: Page) -> None:
    """Write a rule that proposes a service."""
    page.locator("main a.btn", has_text="Add a rule").first.click()
    page.locator("dialog [name=name]").fill("Letter box")
    page.locator("dialog [name=countries]").fill("NL")
    page.locator("dialog [name=max_weight_grams]").fill("2000")
    page.locator("dialog [name=carrier]").select_option(label="PostNL")
    page.locator("dialog select[data-services]").select_option(index=1)


def hours(page: Page) -> None:
    """Go to the hours in which orders are to be paid."""
    page.fill("#id_unpaid_hours", "ideal=2, bank transfer=336, other=48")
    page.locator("#id_unpaid_hours").evaluate("field => field.scrollIntoView({ block: 'center' })")


def days(page: Page) -> None:
    """Say that a location sends nothing on Sundays, and less on one day."""
    closed = page.get_by_role("group", name="Sunday").get_by_label("Closed")
    closed.check()
    closed.evaluate("field => field.scrollIntoView({ block: 'end' })")


def kit(page: Page) -> None:
    """Write what a kit consists of."""
    page.locator("dialog [name=sku], main [name=sku]").first.fill("GIFT-01")
    page.locator("dialog [name=name], main [name=name]").first.fill("Gift box")
    parts = page.locator("[name=components]").first
    parts.fill("22086 2\n85123A 1")
    parts.evaluate("field => field.scrollIntoView({ block: 'center' })")


def crediting(page: Page) -> None:
    """Credit a part of an invoice."""
    first(page)
    page.get_by_role("link", name="Credit", exact=True).click()
    page.locator("dialog[open]").wait_for()


def printed(page: Page) -> None:
    """Show an invoice as it is printed."""
    first(page)
    address = page.get_by_role("link", name="Print").get_attribute("href")
    paper = page.request.get("/".join(page.url.split("/")[:3]) + str(address)).body()
    shown = subprocess.run([shutil.which("pdftoppm") or "", "-png", "-r", "90", "-singlefile", "-"], input=paper, capture_output=True, check=True).stdout  # fmt: skip
    page.set_content(f"<body style='margin:0'><img src='data:image/png;base64,{base64.b64encode(shown).decode()}'>")  # fmt: skip


def tracked(page: Page) -> None:
    """Open the customer's own page of an order that was sent, in English."""
    first(page, "UK")
    address = page.locator("a[href*='/track/']").first.get_attribute("href")
    origin = "/".join(page.url.split("/")[:3])
    page.goto(f"{origin}{address}".replace(origin * 2, origin) + "?lang=en")


def sending_back(page: Page) -> None:
    """The same customer chooses what goes back."""
    tracked(page)
    page.get_by_role("link", name="Return articles").click()
    # Of many pieces the number is typed, of few it is chosen.
    pieces = page.locator("[name^=quantity]").first
    if pieces.evaluate("x => x.tagName") == "SELECT":
        pieces.select_option("1")
    else:
        pieces.fill("1")
    page.get_by_label("Why").first.select_option("damaged")


PICTURES = (
    Picture("refunds", "/refunds/", (1200, 460)),
    Picture("invoice-paper", "/invoices/?kind=debit&status=paid", (744, 700), printed),
    Picture("credit-form", "/invoices/?kind=debit&status=paid", (1200, 760), crediting),
    Picture("vat", "/invoices/vat/", (1200, 520)),
    Picture("track", "/orders/?status=shipped", PHONE, tracked),
    Picture("portal-return", "/orders/?status=shipped", PHONE, sending_back),
    Picture("scan-move", "/scan/move/AMS/", PHONE, moved),
    Picture("lots", "/stock/do/lots/", (1200, 520)),
    Picture("serials", "/stock/do/serials/", (1200, 420)),
    Picture("kit", "/products/new/", (1200, 760), kit),
    Picture("keep-back", "/stock/22086/", (1200, 720), kept_back),
    Picture("cycle-counts", "/stock/do/count-plans/", (1200, 300)),
    Picture("location-days", "/settings/locations/edit/AMS/", (1200, 760), days),
    Picture("set-aside", "/pick-lists/", (1200, 620), set_aside),
    Picture("shipping-rule", "/settings/shipping/", (1200, 760), shipping_rule),
    Picture("hours-to-pay", "/settings/shops/edit/demo/", (1200, 520), hours),
    Picture("waiting", "/stock/23313/", (1200, 620)),
    Picture("orders", "/orders/", (1366, 660)),
    Picture("order", "/orders/?status=awaiting_shipment", (1200, 720), demo_order),
    Picture("pick-list", "/pick-lists/", (1200, 620), first),
    Picture("collect", "/collect/", (1200, 420)),
    Picture("hold-rules", "/settings/holds/", (1200, 560)),
    Picture("hold", "/orders/?status=on_hold", (1200, 560), handing_over),
    Picture("cancel", "/orders/?status=awaiting_shipment", (1200, 720), cancelling),
    Picture("routing-rules", "/settings/routing/demo/", (1200, 1180)),
    Picture("routing-try", "/settings/routing/demo/try/", (1200, 600)),
    Picture("routing-why", "/orders/NL1327/allocations/", (1200, 500)),
    Picture("gather", "/orders/UK1303/allocations/", (1200, 420)),
    Picture("store-credit", "/refunds/store-credits/", (1200, 440), first),
    Picture("return-label", "/return-requests/?status=approved&label=made", (1200, 560), first),
    Picture("shipping-label", "/shipments/?label=made", (1200, 560), first),
    Picture("return-box", "/return-requests/?status=approved", (1200, 560), boxed),
    Picture("one-parcel", "/shipments/", (1200, 480), one_parcel),
    Picture("boxes", "/settings/shipping/", (1200, 820)),
    Picture("merge", "/shipments/?q=NL1330", (1200, 560), merging),
    Picture("move-shipment", "/shipments/?q=NL1325", (1200, 560), moving),
    Picture("transfer", "/inbound/", (1200, 860), sending),
    Picture("substitute", "/orders/?status=awaiting_stock", (1200, 720), offering),
    Picture("short", "/pick-lists/", (1200, 560), short),
    Picture("repair", "/returns/claims/", (1200, 480), repairing),
    Picture("batch", "/pick-lists/", (1200, 760), batch),
    Picture("walk", "/pick-lists/", (1200, 620), walk),
    Picture("reject-shipment", "/shipments/", (1200, 560), rejected),
    Picture("undo-shipment", "/shipments/?status=shipped", (1200, 560), undone),
    Picture("all-of-a-list", "/shipments/", (1200, 560), whole),
    Picture("close-location", "/settings/locations/edit/UTR/", (1200, 760), closing),
    Picture("wave-proposal", "/pick-lists/", (1200, 860), wave_proposal),
    Picture("pack", "/shipments/", (390, 900), packing),
    Picture("ship-part", "/shipments/", (1200, 440), part),
    Picture("backorders", "/orders/?status=awaiting_stock", (1200, 420)),
    Picture("stock-history", "/stock/22086/", (1200, 760)),
    Picture("counts-asked", "/stock/do/counts/", (1200, 480)),
    Picture("self-check", "/stock/do/self-check/", (1200, 480)),
    Picture("inbound", "/inbound/", (1200, 460), first),
    Picture("promise", "/orders/NL1264/articles/", (1200, 560)),
)


def take(page: Page, address: str, picture: Picture) -> None:
    """Take one picture."""
    page.set_viewport_size({"width": picture.size[0], "height": picture.size[1]})
    page.goto(address + picture.path)
    page.wait_for_load_state("networkidle")
    if picture.steps is not None:
        picture.steps(page)
    page.wait_for_timeout(300)
    file = FOLDER / f"{picture.name}.png"
    page.screenshot(path=file, animations="disabled")
    smaller = shutil.which("pngquant")
    if smaller:
        subprocess.run([smaller, "--force", "--ext", ".png", "--speed", "1", "--strip", "160", str(file)], check=True)  # fmt: skip
    size = file.stat().st_size
    print(f"{picture.name}: {size:,} bytes" + (" - too many" if size > MOST_BYTES else ""))


def main() -> None:
    """Take the pictures that are named."""
    address, password, *names = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])  # fmt: skip
        page = browser.new_page(locale="en", timezone_id="Europe/Amsterdam")
        page.goto(f"{address}/account/login/")
        page.fill("#id_login", "demo")
        page.fill("#id_password", password)
        page.click("button.btn-primary")
        for picture in PICTURES:
            if not names or picture.name in names:
                take(page, address, picture)
        browser.close()


if __name__ == "__main__":
    main()
