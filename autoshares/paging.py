"""Reading a list that lives: pages by number, rows that appear and vanish while we turn them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

PAGE_SIZE = 99  # the vendor's documents say 99 here and 100 there (API.md C41)


class Identified(Protocol):
    @property
    def id(self) -> int | None: ...


@dataclass(frozen=True)
class Page[Row]:
    """`total` counts the rows of all pages, None if the vendor does not say; `is_whole`: there are no others."""

    rows: list[Row]
    total: int | None
    is_whole: bool = False


def page_query(number: int, size: int, *, sort: str, descending: bool, filter: str = "") -> dict[str, Any]:
    """Query of paging style A; `number` counts from zero. All four paging parameters are always sent (API.md C18)."""
    query = {"pageNumber": number, "pageSize": size, "sortField": sort, "desc": "true" if descending else "false"}
    return query | ({"filter": filter} if filter else {})


def every_row[IdentifiedRow: Identified](
    read_page: Callable[[int, int], Page[IdentifiedRow]], *, size: int = PAGE_SIZE
) -> Iterator[IdentifiedRow]:
    """Each row of all pages once, by `read_page(number, size)`. Links are never followed: pages are computed.

    When rows leave the list meanwhile, those behind them move up onto pages already read; a total that has shrunk
    tells, and we go back as far as they can have moved. A row that comes twice is dropped by its id. Only when as many
    rows join as leave, between two pages, could one be missed: the next reading finds it.
    """
    seen: set[int] = set()
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
