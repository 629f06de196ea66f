"""Lists in pages: fifty rows of a list, and the ways to the rows before and after them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

PER_PAGE = 50
LAST_PAGE = 1_000_000

Reader = Callable[[int, int], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one page. `first` counts from 1; `previous` and `next` are addresses, empty at the ends."""

    rows: Sequence[Any]
    first: int
    previous: str
    next: str

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def list_page(wanted: Mapping[str, str], read: Reader, *, name: str = "page") -> Listing:
    """The page that the parameter `name` asks for, the first one unless it is a number. `read` takes a limit and an
    offset; nothing is counted, one row more tells whether there is a next page."""
    text = wanted.get(name, "")
    number = min(max(int(text), 1), LAST_PAGE) if text.isdecimal() else 1
    offset = (number - 1) * PER_PAGE
    rows = read(PER_PAGE + 1, offset)

    def address(page: int) -> str:
        return "?" + urlencode({**wanted, name: page})

    return Listing(
        rows[:PER_PAGE],
        offset + 1,
        address(number - 1) if number > 1 else "",
        address(number + 1) if len(rows) > PER_PAGE else "",
    )
