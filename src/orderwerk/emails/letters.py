"""Turns a letter's text into HTML: paragraphs, lists and buttons; everything is escaped, there is no HTML of anybody's."""

import re
from functools import cache
from html import escape
from importlib.resources import files

import mrml

_BLANK = re.compile(r"\n[ \t]*\n+")
_BUTTON = re.compile(r"\[([^\[\]\n]{1,80})\]\((https?://[^\s()<>\"']{1,1000})\)")
_LINK = re.compile(r"https?://[^\s<>\"')]{1,1000}")
_CONTENT, _SHOP, _FOOT, _COLOUR = "@@content@@", "@@shop@@", "@@foot@@", "#0a7b61"
_MARKS = re.compile("|".join((_CONTENT, _SHOP, _FOOT, _COLOUR)))
ACCENT = "#1f6feb"


def plain(text: str) -> str:
    """Return the text as a reader without HTML sees it: buttons become their label and address."""
    lines = [line.rstrip() for line in _BUTTON.sub(r"\1: \2", text).strip().split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def html(text: str, *, shop: str, foot: str = "", colour: str = ACCENT, logo: str = "") -> str:
    """Return the letter as a whole HTML message in our layout; `foot` is the sender's legal identity.

    `logo`: the address of the shop's picture, shown in place of its name, which stands there where no pictures are loaded.
    """
    blocks = [_block(block, colour) for block in _BLANK.split(text.strip()) if block.strip()]
    values = {
        _SHOP: _picture(logo, shop) if logo else escape(shop),
        _FOOT: escape(foot).replace("\n", "<br>"),
        _COLOUR: escape(colour),
        _CONTENT: "".join(blocks),
    }
    # All at once: a mark inside a value stays what it is.
    return _MARKS.sub(lambda found: values[found[0]], _layout())


def _picture(logo: str, shop: str) -> str:
    style = (
        "border:0;display:block;height:44px;max-width:240px;object-fit:contain;object-position:left"
    )
    return f'<img src="{escape(logo)}" alt="{escape(shop)}" height="44" style="{style}">'


@cache
def _layout() -> str:
    source = files("orderwerk.emails").joinpath("layout.mjml").read_text(encoding="utf-8")
    # Its own list of fonts would load one from elsewhere for each that we name: whoever reads a letter would be told there.
    return str(mrml.to_html(source, render_options=mrml.RenderOptions(fonts={})).content)


def _block(block: str, colour: str) -> str:
    button = _BUTTON.fullmatch(block.strip())
    if button:
        style = (
            f"background:{escape(colour)};border-radius:6px;color:#ffffff;display:inline-block;font-weight:600;"
            "padding:11px 20px;text-decoration:none"
        )
        return f'<p style="margin:0 0 18px"><a href="{escape(button[2])}" style="{style}">{escape(button[1])}</a></p>'
    parts: list[str] = []
    items: list[str] = []
    for line in block.split("\n"):
        if line.startswith("- "):
            items.append(f'<li style="margin:0 0 4px">{_inline(line[2:])}</li>')
            continue
        parts += _listed(items)
        if line.strip():
            parts.append(f"{_inline(line)}<br>")
    parts += _listed(items)
    return f'<div style="margin:0 0 18px">{"".join(parts).removesuffix("<br>")}</div>'


def _listed(items: list[str]) -> list[str]:
    if not items:
        return []
    found = [f'<ul style="margin:6px 0;padding-left:20px">{"".join(items)}</ul>']
    items.clear()
    return found


def _inline(line: str) -> str:
    # Escape what stands between the links, so that no part of a name can become markup.
    parts: list[str] = []
    at = 0
    for found in re.finditer(f"{_BUTTON.pattern}|{_LINK.pattern}", line):
        label, url = (found[1], found[2]) if found[2] else (found[0], found[0])
        parts += [escape(line[at : found.start()]), f'<a href="{escape(url)}">{escape(label)}</a>']
        at = found.end()
    return "".join([*parts, escape(line[at:])])
