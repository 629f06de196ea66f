"""Logos: the first letters of a ticker on a coloured square, as a PNG. The same ticker, the same bytes.

Source: PNG specification (second edition, W3C 2003): signature, chunks, filter 0, zlib.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from colorsys import hls_to_rgb
from functools import lru_cache
from struct import pack

from sandbox.exchange.walk import key_of

SIDE, SCALE = 96, 8
GLYPH_WIDTH, GLYPH_HEIGHT = 5, 7

# Letters of five by seven dots, row by row from the top, the leftmost dot in the highest of five bits.
GLYPHS = {
    "A": (14, 17, 17, 31, 17, 17, 17), "B": (30, 17, 17, 30, 17, 17, 30), "C": (14, 17, 16, 16, 16, 17, 14),
    "D": (30, 17, 17, 17, 17, 17, 30), "E": (31, 16, 16, 30, 16, 16, 31), "F": (31, 16, 16, 30, 16, 16, 16),
    "G": (14, 17, 16, 23, 17, 17, 15), "H": (17, 17, 17, 31, 17, 17, 17), "I": (14, 4, 4, 4, 4, 4, 14),
    "J": (7, 2, 2, 2, 2, 18, 12), "K": (17, 18, 20, 24, 20, 18, 17), "L": (16, 16, 16, 16, 16, 16, 31),
    "M": (17, 27, 21, 21, 17, 17, 17), "N": (17, 17, 25, 21, 19, 17, 17), "O": (14, 17, 17, 17, 17, 17, 14),
    "P": (30, 17, 17, 30, 16, 16, 16), "Q": (14, 17, 17, 17, 21, 18, 13), "R": (30, 17, 17, 30, 20, 18, 17),
    "S": (15, 16, 16, 14, 1, 1, 30), "T": (31, 4, 4, 4, 4, 4, 4), "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 17, 10, 4), "W": (17, 17, 17, 21, 21, 21, 10), "X": (17, 17, 10, 4, 10, 17, 17),
    "Y": (17, 17, 17, 10, 4, 4, 4), "Z": (31, 1, 2, 4, 8, 16, 31),
}  # fmt: skip


@lru_cache(maxsize=256)
def logo_of(ticker: str) -> bytes:
    """A PNG of SIDE by SIDE pixels with a palette of two colours: a dark one by the ticker, and white."""
    letters = [GLYPHS[letter] for letter in ticker if letter in GLYPHS][:2]
    red, green, blue = hls_to_rgb(key_of("logo", ticker) % 360 / 360, 0.36, 0.55)
    palette = bytes(round(255 * part) for part in (red, green, blue, 1, 1, 1))
    rows = b"".join(b"\0" + bytes(_row(letters, y)) for y in range(SIDE))
    header = pack(">IIBBBBB", SIDE, SIDE, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _row(letters: Sequence[tuple[int, ...]], y: int) -> list[int]:
    """Indexes into the palette, from left to right."""
    scale = SCALE if len(letters) > 1 else SCALE + 3
    width = len(letters) * GLYPH_WIDTH + len(letters) - 1
    left, top = (SIDE - width * scale) // 2, (SIDE - GLYPH_HEIGHT * scale) // 2
    row = (y - top) // scale
    if not 0 <= row < GLYPH_HEIGHT:
        return [0] * SIDE
    # The letters side by side, with one empty column between them.
    dots = "0".join(f"{letter[row]:05b}" for letter in letters)
    return [int(dots[(x - left) // scale]) if 0 <= (x - left) // scale < len(dots) else 0 for x in range(SIDE)]


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))
