"""Draws how the cost of the dearest pages and commands grows with the number of orders, as an SVG."""

import math
from typing import Any

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 380, 56, 24, 210, 44
_COLOURS = ("#0a7b61", "#7a2e8e", "#b25a00", "#1f5fae", "#a3243b", "#4c6b00", "#555f6d", "#008a9a")
_SHOWN = 8


def plot(found: dict[int, dict[str, Any]]) -> str:
    """Return the picture: orders on a logarithmic axis, milliseconds of the database (p50) on the other."""
    sizes = sorted(found)
    pages = found[sizes[-1]]["pages"]
    dearest = sorted(pages, key=lambda name: -float(pages[name][2]))[:_SHOWN]
    top = max(float(found[s]["pages"][n][2]) for s in sizes for n in dearest if n in found[s]["pages"])  # fmt: skip

    def at(size: int, value: float) -> tuple[float, float]:
        low, high = math.log10(sizes[0]), math.log10(sizes[-1])
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(size) - low) / max(0.001, high - low)
        return x, _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="Inter, sans-serif" font-size="11" role="img">',
        "<title>Milliseconds of the database for the dearest pages, by number of orders</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    parts += _axes(sizes, top, at)
    for number, name in enumerate(dearest):
        points = [at(s, float(found[s]["pages"][name][2])) for s in sizes if name in found[s]["pages"]]  # fmt: skip
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour, y = _COLOURS[number], _TOP + 10 + number * 18
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        parts.append(f'<text x="{_WIDTH - _RIGHT + 16}" y="{y}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _axes(sizes: list[int], top: float, at: Any) -> list[str]:
    parts = []
    for size in sizes:
        x, y = at(size, 0)
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle" fill="#333">{size:,}</text>')  # fmt: skip
    for step in range(5):
        value = top * step / 4
        x, y = at(sizes[0], value)
        parts.append(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')  # fmt: skip
        parts.append(f'<text x="{x - 8:.1f}" y="{y + 4:.1f}" text-anchor="end" fill="#333">{value:.0f} ms</text>')  # fmt: skip
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 6}" fill="#333">orders</text>')
    return parts
