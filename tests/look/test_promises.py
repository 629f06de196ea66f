"""What the look promises: nothing that a strict CSP refuses, and text that can be read in every mode."""

import math
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))
BEHAVIOURS = sorted((ROOT / "static/js").glob("*.js"))
ELEMENTS = [path for path in TEMPLATES if path.parent.name == "elements"]
REFUSED_BY_CSP = re.compile(
    r"""\sstyle=|\son[a-z]+=|\shx-on|["']js:|javascript:|hx-trigger="[^"]*\[|<script(?![^>]*src)"""
)
TOKEN = re.compile(r"--([\w-]+): light-dark\((oklch\([^)]+\)|white), (oklch\([^)]+\)|white)\);")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of an OKLCH colour. Source: W3C CSS Color 4, section 10 (sample code)."""
    if colour == "white":
        return 1.0
    lightness, chroma, hue = (float(part.rstrip("%")) for part in colour[6:-1].split()[:3])
    lightness, a, b = lightness / 100, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


class TestTemplates:
    @pytest.mark.parametrize("path", TEMPLATES, ids=named)
    def test_it_holds_nothing_that_the_csp_refuses(self, path):
        assert REFUSED_BY_CSP.findall(path.read_text()) == []

    def test_it_explains_every_element_in_its_first_lines(self):
        assert [
            named(path)
            for path in ELEMENTS
            if "{#" not in path.read_text() and "{% comment %}" not in path.read_text()
        ] == []

    @pytest.mark.parametrize("path", ELEMENTS, ids=named)
    def test_it_uses_every_element(self, path):
        assert any(f"elements/{path.name}" in page.read_text() for page in TEMPLATES if page != path)


class TestIndex:
    """docs/design.md names all there is, so that nobody writes it twice."""

    index = (ROOT / "docs/design.md").read_text()

    @pytest.mark.parametrize("path", [*ELEMENTS, *SHEETS, *BEHAVIOURS], ids=named)
    def test_it_names_every_element_sheet_and_behaviour(self, path):
        if path.suffix == ".css":
            name = str(path.relative_to(ROOT / "static/css").with_suffix(""))
        else:
            name = path.name if path.suffix == ".js" else path.stem
        assert f"`{name}`" in self.index


class TestTokens:
    tokens = {name: (light, dark) for name, light, dark in TOKEN.findall((ROOT / "static/css/app.css").read_text())}

    @pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
    @pytest.mark.parametrize("surface", ["ground", "panel", "sunk", "accent-soft"])
    @pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "accent", "gain", "loss", "warn"])
    def test_it_can_be_read(self, ink, surface, mode):
        assert contrast(self.tokens[ink][mode], self.tokens[surface][mode]) >= 4.5

    @pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
    @pytest.mark.parametrize("pair", [("on-accent", "accent"), ("on-hero", "hero"), ("warn", "warn-soft")])
    def test_it_can_be_read_on_its_own_ground(self, pair, mode):
        assert contrast(*(self.tokens[token][mode] for token in pair)) >= 4.5


class TestSheets:
    def test_it_declares_the_order_of_layers_in_the_first_line(self):
        first = (ROOT / "static/css/app.css").read_text().splitlines()[0]
        assert first == "@layer reset, tokens, brand, base, components, pages, utilities;"

    @pytest.mark.parametrize("path", SHEETS, ids=named)
    def test_it_reads_colours_from_tokens(self, path):
        rules = re.sub(r"@layer tokens \{.*?\n\}", "", path.read_text(), flags=re.DOTALL)
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == []
