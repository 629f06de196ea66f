"""A broker's colours: a handful of validated token values that become one small style sheet."""

import hashlib
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

# What a broker may set. Values are checked against the pattern, so nothing but a token value reaches the sheet.
COLOURS = (
    "accent",
    "on-accent",
    "accent-soft",
    "ground",
    "panel",
    "sunk",
    "line",
    "ink",
    "ink-2",
    "ink-3",
    "hero",
    "on-hero",
)
LENGTHS = ("radius-control", "radius-panel")
FONTS = ("font-text", "font-heading")
_COLOUR = re.compile(r"^(oklch\([\d.% ]+(/ ?[\d.%]+)?\)|#[0-9a-fA-F]{6}|white|black)$")
_LENGTH = re.compile(r"^\d{1,2}(\.\d+)?(px|rem)$|^0$")
_FONT = re.compile(r"^[\w ,\-\"']{1,200}$")


def validate_theme(value: object) -> None:
    """Accept {"light": {token: colour}, "dark": {…}, "shape": {token: length or font}}. Raises ValidationError."""
    if not isinstance(value, dict) or set(value) - {"light", "dark", "shape"}:
        raise ValidationError("A theme has the parts light, dark and shape.")
    if set(value.get("light", {})) != set(value.get("dark", {})):
        raise ValidationError("Every colour token needs a value in light and one in dark.")
    for part in ("light", "dark"):
        for token, colour in value.get(part, {}).items():
            if token not in COLOURS or not _COLOUR.match(str(colour)):
                raise ValidationError(f"{part}: {token} is not a colour token with a colour value.")
    for token, size in value.get("shape", {}).items():
        pattern = _LENGTH if token in LENGTHS else _FONT if token in FONTS else None
        if pattern is None or not pattern.match(str(size)):
            raise ValidationError(f"shape: {token} is not a length or font token with a fitting value.")


@dataclass(frozen=True)
class Theme:
    """The brand sheet: its text, and the name under which it never changes."""

    css: str

    @classmethod
    def from_json(cls, theme: dict) -> "Theme":
        light, dark = theme.get("light", {}), theme.get("dark", {})
        lines = [f"--{token}: {value};" for token, value in theme.get("shape", {}).items()]
        lines += [f"--{token}: light-dark({light[token]}, {dark[token]});" for token in COLOURS if token in light]
        return cls(css="@layer brand { :root { " + " ".join(lines) + " } }\n")

    @property
    def version(self) -> str:
        return hashlib.sha256(self.css.encode()).hexdigest()[:12]
