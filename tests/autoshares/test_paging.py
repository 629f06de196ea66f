from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoshares import paging
from autoshares.paging import Page, every_row


@dataclass(frozen=True)
class Row:
    id: int | None


class Book:
    """A vendor's list of ids, ascending; `before` may change it before the nth page is read."""

    def __init__(self, ids, *, total=True, most=99, before=None):
        self.ids = list(ids)
        self.total = total
        self.most = most
        self.before = before or {}
        self.asked = []

    def read_page(self, number, size):
        self.before.get(len(self.asked), lambda book: None)(self)
        self.asked.append((number, size))
        size = min(size, self.most)
        rows = [Row(id) for id in sorted(self.ids)[number * size : (number + 1) * size]]
        return Page(rows, total=len(self.ids) if self.total else None)


def ids_of(book, size=99):
    return [row.id for row in every_row(book.read_page, size=size)]


class TestEveryRow:
    @pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (99, 1), (100, 2), (198, 2), (250, 3)])
    def test_it_reads_as_many_pages_as_there_are(self, count, pages):
        book = Book(range(1, count + 1))
        assert ids_of(book) == list(range(1, count + 1))
        assert len(book.asked) == pages

    def test_it_asks_for_ninety_nine_rows_from_page_nought(self):
        book = Book(range(1, 101))
        ids_of(book)
        assert book.asked == [(0, 99), (1, 99)]

    @pytest.mark.parametrize("count", [0, 5, 99, 100, 198])
    def test_it_copes_with_a_vendor_that_names_no_total(self, count):
        assert ids_of(Book(range(1, count + 1), total=False)) == list(range(1, count + 1))

    def test_it_copes_with_a_vendor_that_gives_smaller_pages(self):
        book = Book(range(1, 101), most=30)
        assert ids_of(book) == list(range(1, 101))
        assert len(book.asked) == 4

    def test_it_drops_a_row_that_comes_twice(self):
        repeats = [Page([Row(1), Row(2)], total=3), Page([Row(2), Row(3)], total=3)]
        rows = every_row(lambda number, size: repeats[number], size=2)
        assert [row.id for row in rows] == [1, 2, 3]

    def test_it_keeps_rows_without_an_id(self):
        assert len(list(every_row(lambda number, size: Page([Row(None), Row(None)], total=2)))) == 2

    def test_it_takes_a_bare_array_for_the_whole(self):
        asked = []

        def read_page(number, size):
            asked.append(number)
            return Page([Row(None)] * 150, total=150, is_whole=True)

        assert len(list(every_row(read_page))) == 150
        assert asked == [0]

    def test_it_misses_no_row_when_others_leave_meanwhile(self):
        """Three orders of page one fill while we read it: those of page two move up by three."""
        book = Book(range(1, 251), before={1: lambda book: [book.ids.remove(id) for id in (5, 6, 7)]})
        assert set(ids_of(book)) == set(range(1, 251))

    def test_it_finds_rows_that_join_meanwhile(self):
        book = Book(range(1, 100 + 1), before={1: lambda book: book.ids.append(101)})
        assert ids_of(book)[-1] == 101

    @given(
        count=st.integers(0, 60),
        leaving=st.dictionaries(st.integers(1, 8), st.sets(st.integers(0, 59), max_size=10), max_size=4),
        size=st.integers(3, 20),
    )
    def test_it_finds_every_row_that_stays(self, count, leaving, size):
        gone = set().union(*leaving.values())
        remove = {
            turn: lambda book, ids=ids: book.ids.__setitem__(slice(None), set(book.ids) - ids)
            for turn, ids in leaving.items()
        }
        found = ids_of(Book(range(1, count + 1), before=remove), size=size)
        assert len(found) == len(set(found))
        assert set(found) >= set(range(1, count + 1)) - gone


class TestStyles:
    @pytest.mark.parametrize(
        ("style", "words"),
        [
            (paging.STYLE_A, {"pageNumber": 2, "pageSize": 50, "sortField": "Id", "desc": True}),
            (paging.STYLE_B, {"pageNumber": 2, "pageSize": 50, "sortBy": "Id", "isDesc": True}),
            (paging.STYLE_C, {"pageNumber": 2, "pageSize": 50, "sortBy": "Id", "isAsc": False}),
            (paging.STYLE_D, {"pageNumber": 2, "pageSize": 50, "propertyName": "Id", "isAscending": False}),
            (paging.STYLE_E, {"page": 2, "pageSize": 50, "sortBy": "Id"}),
            (paging.STYLE_F, {"PageNumber": 2, "PageSize": 50, "SortField": "Id", "Desc": True}),
        ],
    )
    def test_each_has_its_own_words_for_the_same(self, style, words):
        assert style.parameters(2, 50, sort="Id", descending=True) == words
