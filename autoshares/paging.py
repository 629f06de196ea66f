"""Reading a list that lives: pages by number, rows that appear and vanish while we turn them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

from .answers import Call, expect, unwrap
from .wire import Fields

PAGE_SIZE = 99  # the vendor's documents say 99 here and 100 there (API.md C41)


class Identified(Protocol):
    @property
    def id(self) -> int | str | None:
        """Tells a row from its neighbours; None or empty where the vendor gives it nothing that could."""


@dataclass(frozen=True)
class Page[Row]:
    """`total` counts the rows of all pages, None if the vendor does not say; `is_whole`: there are no others."""

    rows: list[Row]
    total: int | None
    is_whole: bool = False


def read_page[Row](call: Call, payload: Any, into: Callable[[Any], Row]) -> Page[Row]:
    """A page of any envelope (API.md 4.2), or a bare array, which is the whole list (C34)."""
    payload = unwrap(payload)
    if isinstance(payload, list):
        return Page([into(row) for row in payload], total=len(payload), is_whole=True)
    members = expect(call, payload, dict)
    total = Fields(members).count("TotalCount")
    rows = members.get("Result", members.get("Items"))
    # The vendor omits empty members, but only a total of nought makes a missing list an empty one.
    return Page([into(row) for row in expect(call, [] if total == 0 else rows, list)], total=total)


@dataclass(frozen=True)
class Paging:
    """The words with which an endpoint is asked for a page (API.md 4.1). `number` counts from zero.

    Every word that a style knows is always sent, also where the vendor calls it optional (C18).
    """

    number: str
    size: str
    sort: str
    descending: str = ""
    ascending: str = ""  # instead of `descending`
    in_body: bool = False

    def parameters(self, number: int, size: int, *, sort: str, descending: bool) -> dict[str, Any]:
        words: dict[str, Any] = {self.number: number, self.size: size, self.sort: sort}
        if self.descending:
            words[self.descending] = descending
        if self.ascending:
            words[self.ascending] = not descending
        return words


STYLE_A = Paging("pageNumber", "pageSize", "sortField", descending="desc")
STYLE_B = Paging("pageNumber", "pageSize", "sortBy", descending="isDesc")
STYLE_C = Paging("pageNumber", "pageSize", "sortBy", ascending="isAsc")
STYLE_D = Paging("pageNumber", "pageSize", "propertyName", ascending="isAscending")
STYLE_E = Paging("page", "pageSize", "sortBy")
STYLE_F = Paging("PageNumber", "PageSize", "SortField", descending="Desc", in_body=True)


def every_row[IdentifiedRow: Identified](
    read_page: Callable[[int, int], Page[IdentifiedRow]], *, size: int = PAGE_SIZE
) -> Iterator[IdentifiedRow]:
    """Each row of all pages once, by `read_page(number, size)`. Links are never followed: pages are computed.

    When rows leave the list meanwhile, those behind them move up onto pages already read; a total that has shrunk
    tells, and we go back as far as they can have moved. A row that comes twice is dropped by its id. Only when as many
    rows join as leave, between two pages, could one be missed: the next reading finds it.
    """
    seen: set[int | str] = set()
    number, last_total = 0, None
    while True:
        page = read_page(number, size)
        for row in page.rows:
            if not row.id or row.id not in seen:
                yield row
            if row.id:
                seen.add(row.id)
        if number and page.total is not None and last_total is not None and page.total < last_total:
            moved = last_total - page.total
            number, last_total = max(0, number - ceil(moved / size)), page.total
            continue
        if number == 0 and page.rows and len(page.rows) < min(size, page.total or 0):
            size = len(page.rows)  # the vendor gives smaller pages than we asked for
        if _is_last(page, number, size):
            return
        number, last_total = number + 1, page.total


def _is_last(page: Page[Any], number: int, size: int) -> bool:
    if page.is_whole or not page.rows:
        return True
    if page.total is None:
        return len(page.rows) < size
    return (number + 1) * size >= page.total
