"""The one JSON loader and decoder: everything odd gets a clear refusal, nothing gets a traceback."""

import re
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwerk.core import decode, fields
from orderwerk.core.errors import BadInput, Malformed, Refusal
from orderwerk.orders.document import OrderDocument
from tests import build


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int
    name: str = ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"quantity": 1, "quantity": 2}', "duplicate_key"),
        (b'{"quantity": NaN}', "invalid_json"),
        (b'{"quantity": Infinity}', "invalid_json"),
        (b'{"quantity": 1e400}', "number_too_large"),
        (b'{"quantity": ' + b"9" * 5000 + b"}", "number_too_large"),
        (b"[" * 100_000, "too_deep"),
        (b"\xff\xfe", "invalid_encoding"),
        (b"\xef\xbb\xbf{}", "invalid_json"),
        (b"{", "invalid_json"),
        (b"", "invalid_json"),
    ],
)
def test_what_is_no_good_json_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        decode.load_json(body)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"quantity": True}, "/quantity"),
        ({"quantity": "1"}, "/quantity"),
        ({"quantity": 1.5}, "/quantity"),
        ({"quantity": 1.0}, "/quantity"),
        ({"quantity": 1, "colour": "red"}, ""),
        ({"quantity": 1, "name": "a\x00b"}, "/name"),
        ({"quantity": 1, "name": "a\u202eb"}, "/name"),
        ({"quantity": 1, "name": "a\u200bb"}, "/name"),
        ({"quantity": 1, "name": "\ud800"}, "/name"),
        ({"quantity": 1, "name": "a\ufffe"}, "/name"),
        ({"quantity": 1, "name": "\uffffb"}, "/name"),
        ([], ""),
        (None, ""),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(value: object, pointer: str) -> None:
    with pytest.raises(BadInput) as refusal:
        decode.convert(value, _Item)

    assert refusal.value.pointer == pointer


@given(st.binary(max_size=200))
def test_no_bytes_give_anything_but_a_value_or_a_refusal(body: bytes) -> None:
    try:
        decode.load_json(body)
    except (Malformed, BadInput):
        return


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({"currency": "EURO"}, "/currency"),
        ({"status": "shipped"}, ""),
        ({"placed_at": "2026-11-20T10:15:00"}, "/placed_at"),
        ({"comment": "x" * 5001}, "/comment"),
        ({"customer": {"name": "Jan\r\nBcc: all@example.com"}}, "/customer/name"),
        ({"customer": {"name": "Jan", "email": "a@example.com,b@example.com"}}, "/customer/email"),
    ],
)
def test_a_bad_document_is_refused_at_its_place(change: dict[str, object], pointer: str) -> None:
    world = build.World("s", [], ["sku"])

    with pytest.raises(BadInput) as refusal:
        decode.convert(world.json() | change, OrderDocument)

    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"customer": {"name": "Jan", "email": "jan"}}, "not an e-mail address"),
        ({"customer": {"name": "Jan", "phone": "abc"}}, "not a phone number"),
        ({"shop": "new shop"}, "no spaces"),
        ({"currency": "euro"}, "not a currency code"),
    ],
)
def test_a_refusal_says_what_the_field_wants(change: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        decode.convert(build.World("s", [], ["sku"]).json() | change, OrderDocument)


def test_every_pattern_of_a_field_has_words() -> None:
    source = Path(decode.__file__).parents[1]
    found = {
        pattern
        for path in source.rglob("*.py")
        if "/migrations/" not in path.as_posix()
        for pattern in re.findall(r'pattern=r"(.+?)"[),]', path.read_text(encoding="utf-8"))
    }

    assert len(found) > 10
    assert {pattern for pattern in found if pattern not in fields.WORDS} == set()


def test_regular_expressions_do_not_run_away() -> None:
    world = build.World("s", [], ["sku"])

    def cost(field: str, evil: str) -> float:
        spent = []
        for _ in range(3):
            begun = time.process_time()
            with pytest.raises(BadInput):
                decode.convert(world.json() | {field: evil}, OrderDocument)
            spent.append(time.process_time() - begun)
        return min(spent)

    for piece in ("a", "@", "0.", " "):
        for field in ("external_id", "comment", "currency", "locale"):
            # Ten times as long: what looks back over all of it costs a hundred times as much.
            assert cost(field, piece * 200_000) < 40 * cost(field, piece * 20_000)


def test_what_is_nested_beyond_measure_is_refused_as_plain_values_too() -> None:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Malformed, match="nested too deeply"):
        decode.convert(value, _Item)
    while isinstance(value, list):  # taken apart by hand: Python's own way down would be as deep
        value = value.pop()


_AT_ONCE = """
import sys, threading, msgspec
from orderwerk.core import decode
sys.setswitchinterval(1e-6)

def fresh(n):
    inner = msgspec.defstruct(f"Inner{n}", [(f"f{i}", list[int] | None, None) for i in range(30)])
    return msgspec.defstruct(f"Outer{n}", [(f"g{i}", list[inner] | None, None) for i in range(20)])

def work(kind, barrier):
    barrier.wait()
    decode.convert({"g0": [{"f0": [1]}], "g19": [{"f29": [1]}]}, kind)

for n in range(100):
    kind, barrier = fresh(n), threading.Barrier(8)
    threads = [threading.Thread(target=work, args=(kind, barrier)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_that_meet_a_type_for_the_first_time_at_once_live() -> None:
    # In a process of its own: what goes wrong here ends the whole process.
    done = subprocess.run([sys.executable, "-c", _AT_ONCE], check=False)

    assert done.returncode == 0
