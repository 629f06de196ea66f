"""Lines of text on paper: a small PDF of pages in Courier, nothing more.

Source: ISO 32000-1, 7.5 (structure of a file) and 9.6.2.2 (fonts that every reader has). The same lines make the same
bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LINES_PER_PAGE = 46
# US Letter, the long side down: 792 by 612 points.
PAGE = "[0 0 792 612]"
LEFT, TOP, SIZE, LEADING = 36, 570, 7, 11


def print_lines(lines: Sequence[str]) -> bytes:
    """A PDF with these lines, one below the other; what Latin-1 has no sign for is a question mark."""
    pages = [lines[start : start + LINES_PER_PAGE] for start in range(0, max(len(lines), 1), LINES_PER_PAGE)]
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for place, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox {PAGE} /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {5 + 2 * place} 0 R >>".encode()
        )
        content = _draw(page)
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    return _bind(objects)


def _draw(lines: Iterable[str]) -> bytes:
    shown = b"\n".join(b"(" + _escape(line) + b") '" for line in lines)
    return f"BT /F1 {SIZE} Tf {LEADING} TL {LEFT} {TOP} Td\n".encode() + shown + b"\nET"


def _escape(line: str) -> bytes:
    printable = "".join(sign if sign.isprintable() else " " for sign in line)
    for sign in "\\()":
        printable = printable.replace(sign, f"\\{sign}")
    return printable.encode("latin-1", "replace")


def _bind(objects: Sequence[bytes]) -> bytes:
    """Number the objects and say where each begins."""
    file, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(file)
    file += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    file += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(file)
