"""A shop's logo stands on what is made from now on; what comes in is taken apart, and what was issued stays as it was."""

import hashlib
import io
import struct
import zlib
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from orderwerk.core import sql
from orderwerk.core.errors import BadInput
from orderwerk.core.outcome import Outcome
from orderwerk.emails import letters
from orderwerk.flows.compose import logo_url
from orderwerk.invoices.documents import invoice_document
from orderwerk.return_requests.commands.decide import ApproveRequestItem, approve_return_requests
from orderwerk.return_requests.documents import return_slip
from orderwerk.shipments.documents import packing_slips
from orderwerk.shops.commands.set_logos import LogoItem, set_logos
from orderwerk.shops.png import clean_png
from orderwerk.shops.queries import shop_detail
from tests import build

pytestmark = pytest.mark.django_db


def put(shop: str, content: bytes | None = None, **how: Any) -> Outcome:
    item = LogoItem(shop=shop, png=how.pop("png", build.logo(content)))
    return set_logos([item], actor=how.get("actor", build.TESTER))[0]


def pictures(pdf: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_only_the_picture_is_left_of_a_picture() -> None:
    noise = chunk(b"tEXt", b"Comment\0where I live") + chunk(b"eXIf", b"secret")
    clean = clean_png(build.png(extra=noise))
    assert (clean.width, clean.height) == (48, 24)
    assert b"secret" not in clean.content
    assert clean_png(clean.content).content == clean.content
    # A palette is filled up, and its transparency kept; so is the transparent colour of one without.
    colours = chunk(b"PLTE", b"\1\2\3") + chunk(b"tRNS", b"\0")
    few = clean_png(build.png(16, 16, head=bytes((1, 3, 0, 0, 0)), extra=colours, rows=zlib.compress(b"\0\xff\xff" * 16)))  # fmt: skip
    assert chunk(b"PLTE", b"\1\2\3\0\0\0") in few.content
    assert chunk(b"tRNS", b"\0") in few.content
    assert (
        chunk(b"tRNS", b"\0" * 6) in clean_png(build.png(extra=chunk(b"tRNS", b"\0" * 6))).content
    )
    bare = clean_png(build.png(16, 16, head=bytes((1, 3, 0, 0, 0)), rows=zlib.compress(b"\0\0\0" * 16)))  # fmt: skip
    assert b"tRNS" not in bare.content


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        build.png()[:-30],
        build.png().replace(b"IDAT", b"IDOT"),
        build.png(rows=b"nonsense"),
        build.png(rows=zlib.compress(b"\0" * 10)),
        build.png(rows=zlib.compress(b"\0" * 1_000_000)),
        build.png(rows=zlib.compress((b"\x07" + b"\0" * 144) * 24)),
        build.png(15, 24),
        build.png(1601, 24),
        build.png(head=bytes((8, 2, 0, 0, 1))),
        build.png(head=bytes((16, 2, 0, 0, 0))),
        build.png(head=bytes((8, 5, 0, 0, 0))),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        clean_png(content)
    assert refused.value.code == "bad_picture"


def test_a_picture_that_packs_badly_is_too_large() -> None:
    random = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(3750))
    rows = b"".join(b"\0" + random[n * 600 : n * 600 + 600] for n in range(200))
    with pytest.raises(BadInput, match="64000 fit"):
        clean_png(build.png(200, 200, rows=zlib.compress(rows)))


def test_papers_show_it_and_what_was_issued_before_does_not() -> None:
    world = build.world(legal={"name": "Test B.V.", "country": "NL", "vat_number": "NL123456782B90"})  # fmt: skip
    first = build.shipped(world)
    build.invoice(first)
    put(world.shop).require()
    second = build.shipped(world)
    build.invoice(second)
    asked = build.request(second).require().id
    approve_return_requests([ApproveRequestItem(return_request_id=asked)], actor=build.TESTER)  # type: ignore[arg-type]

    def paper(order: Any) -> bytes:
        return invoice_document(build.invoices(order)[0]["id"], "pdf", actor=build.TESTER).content

    assert (pictures(paper(first)), pictures(paper(second))) == (0, 1)
    assert pictures(packing_slips(build.shipments(second), actor=build.TESTER).content) == 1
    assert pictures(return_slip(asked, actor=build.TESTER).content) >= 1  # type: ignore[arg-type]
    before = paper(second)
    put(world.shop, png="").require()
    assert paper(second) == before
    assert pictures(packing_slips(build.shipments(second), actor=build.TESTER).content) == 0


def test_pages_and_letters_show_it_under_an_address_of_its_own(client: Client) -> None:
    world = build.world()
    assert logo_url(shop_detail(build.TESTER, world.shop_id)) == ""
    put(world.shop).require()
    shop = shop_detail(build.TESTER, world.shop_id)
    path = reverse("portal-logo", args=[shop.logo])

    answer = client.get(path)

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert clean_png(answer.content).content == answer.content
    assert "immutable" in answer["Cache-Control"]
    assert logo_url(shop).endswith(path)
    assert path in letters.html("Dag", shop=shop.name, logo=logo_url(shop))
    put(world.shop, png="").require()
    assert client.get(path).status_code == 200
    assert shop_detail(build.TESTER, world.shop_id).logo == ""
    for other in ("0" * 64, "x", "0" * 63 + "G"):
        assert client.get(reverse("portal-logo", args=[other])).status_code == 404


def test_a_logo_is_refused_as_a_whole_or_taken_and_kept() -> None:
    world = build.world()
    for png in ("not base64!", build.logo(b"GIF89a")):
        error = put(world.shop, png=png).error
        assert error is not None
        assert (error.code, error.pointer) == ("bad_picture", "/png")
    unknown = put("no-such-shop").error
    assert unknown is not None
    assert unknown.code == "unknown_shop"
    assert put(world.shop, actor=build.limited()).error is not None
    assert sql.fetch("select count(*) from shops_logo") == [(0,)]
    put(world.shop).require()
    with pytest.raises(IntegrityError), atomic():
        sql.execute("update shops_logo set content = ''")
