"""Takes a PNG apart and writes it anew: what comes from outside is shown to customers and printed, so nothing unknown stays in it.

After the PNG Specification (W3C, third edition): signature, IHDR, PLTE, tRNS, IDAT, IEND; everything else is left out.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from orderwerk.core.errors import BadInput

MOST_BYTES = 64_000
MOST_WIDTH, MOST_HEIGHT = 1600, 800
_LEAST = 16
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
# Colour type → how many values a pixel has, and with which depths they may come.
_KINDS = {0: (1, {1, 2, 4, 8}), 2: (3, {8}), 3: (1, {1, 2, 4, 8}), 4: (2, {8}), 6: (4, {8})}
_GREY, _COLOUR, _PALETTE = 0, 2, 3
_FILTERS = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of ours, its size in pixels."""

    content: bytes
    width: int
    height: int


def clean_png(content: bytes) -> Picture:
    """Return the same picture with nothing in it but the picture.

    Refuses with BadInput (code `bad_picture`) what is no whole PNG, is interlaced or has 16 bits a value, is smaller than
    16 pixels or larger than 1600 by 800, and what packs to more than 64 KB.
    """
    parts: dict[bytes, bytes] = {}
    packed: list[bytes] = []
    for name, data in _chunks(content):
        # Pixels may come in many parts; of the others the first counts.
        packed += [data] if name == b"IDAT" else []
        parts.setdefault(name, data)
    if not {b"IHDR", b"IDAT", b"IEND"} <= parts.keys() or len(parts[b"IHDR"]) != _HEADER.size:
        raise _bad("This is no whole PNG picture.")
    width, height, depth, kind, *rest = _HEADER.unpack(parts[b"IHDR"])
    if rest != [0, 0, 0] or kind not in _KINDS or depth not in _KINDS[kind][1]:
        raise _bad("Save the PNG without interlacing, with 8 bits a colour.")
    if not (_LEAST <= width <= MOST_WIDTH and _LEAST <= height <= MOST_HEIGHT):
        raise _bad(f"A logo has 16 to {MOST_WIDTH} by 16 to {MOST_HEIGHT} pixels.")
    pixels = _pixels(b"".join(packed), 1 + (width * _KINDS[kind][0] * depth + 7) // 8, height)
    made = [_chunk(b"IHDR", parts[b"IHDR"])]
    made += [_chunk(name, data) for name, data in _colours(parts, kind, depth)]
    made += [_chunk(b"IDAT", zlib.compress(pixels, 9)), _chunk(b"IEND", b"")]
    clean = _SIGNATURE + b"".join(made)
    if len(clean) > MOST_BYTES:
        raise _bad(f"The picture has {len(clean)} bytes when packed; {MOST_BYTES} fit.")
    return Picture(clean, width, height)


def _bad(words: str) -> BadInput:
    return BadInput(words, code="bad_picture", pointer="/png")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not content.startswith(_SIGNATURE):
        raise _bad("This is no whole PNG picture.")
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        name, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        whole = content[at + 8 + length : at + 12 + length]
        if len(data) < length or whole != struct.pack(">I", zlib.crc32(name + data)):
            raise _bad("This is no whole PNG picture.")
        yield name, data
        at += 12 + length


def _pixels(packed: bytes, row: int, height: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        # A byte more than there may be: what would unpack to more is seen, and never unpacked.
        pixels = unpacker.decompress(packed, row * height + 1)
    except zlib.error as error:
        raise _bad("This is no whole PNG picture.") from error
    if len(pixels) != row * height or not unpacker.eof:
        raise _bad("This is no whole PNG picture.")
    if max(pixels[::row]) >= _FILTERS:
        raise _bad("This is no whole PNG picture.")
    return pixels


def _colours(parts: dict[bytes, bytes], kind: int, depth: int) -> Iterator[tuple[bytes, bytes]]:
    """Return palette and transparency; a palette is filled up, so that no pixel names a colour that is not there."""
    most = 1 << depth
    clear = parts.get(b"tRNS", b"")
    if kind == _PALETTE:
        yield b"PLTE", parts.get(b"PLTE", b"")[: 3 * most].ljust(3 * most, b"\0")
        if clear:
            yield b"tRNS", clear[:most]
    elif (kind, len(clear)) in {(_GREY, 2), (_COLOUR, 6)}:
        yield b"tRNS", clear


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
