"""Pages: numbered from zero, at most a hundred rows, with absolute links and an empty string at the ends (C40)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from sandbox.api.errors import request_invalid

LARGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Page:
    number: int
    size: int

    @classmethod
    def read(cls, number: int, size: int) -> Page:
        """Raises ApiError 400 for a negative page or an empty one."""
        if number < 0 or size < 1:
            raise request_invalid()
        return cls(min(number, 10_000_000), min(size, LARGEST_PAGE))

    @property
    def offset(self) -> int:
        return self.number * self.size

    def cut(self, rows: list[Any]) -> list[Any]:
        return rows[self.offset : self.offset + self.size]

    def envelope(self, request: Request, rows: list[Any], total: int) -> dict[str, Any]:
        has_next = self.offset + self.size < total
        return {
            "Result": rows,
            "NextPageLink": self._link(request, self.number + 1) if has_next else "",
            "PreviousPageLink": self._link(request, self.number - 1) if self.number else "",
            "TotalCount": total,
        }

    def _link(self, request: Request, number: int) -> str:
        return str(request.url.include_query_params(pageNumber=number))
