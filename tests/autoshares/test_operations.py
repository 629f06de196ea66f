"""The table of operations against the contract, and the methods of the client against the table."""

import json
import re
from operator import attrgetter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import autoshares
from autoshares import errors
from autoshares.operations import CONTRACT as TABLE
from autoshares.operations import OPERATIONS

from .calls import CALLS
from .conftest import reply
from .contracts import CONTRACT, Contract

MISSING = f"the vendor's specification is not at {CONTRACT}"


def words_in(row: str) -> list[str]:
    return re.findall(r"`(\w+)`", row)


@pytest.fixture(scope="module")
def contract() -> Contract:
    if not CONTRACT.exists():
        pytest.skip(MISSING)
    return Contract()


class TestTable:
    def test_it_holds_each_operation_of_the_contract_and_no_other(self, contract):
        assert set(TABLE) == set(contract.operations)
        assert len(TABLE) == 121

    def test_every_operation_has_a_method_of_its_own(self):
        assert len({operation.made_by for operation in OPERATIONS.values()}) == len(OPERATIONS)

    def test_every_method_is_in_the_readme(self):
        text = (Path(autoshares.__file__).parent / "README.md").read_text()
        rows = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `client.")}
        told = {f"{group.removeprefix('client.')}.{name}" for group, row in rows.items() for name in words_in(row)}
        extra = {"logout", "health"}  # they stand beside others
        assert {operation.made_by for operation in OPERATIONS.values()} - extra <= told

    def test_every_method_is_tried_here(self):
        assert set(CALLS) == {operation.made_by for operation in OPERATIONS.values()} - {"health"}


@pytest.mark.parametrize(("key", "operation"), [(k, o) for k, o in OPERATIONS.items() if o.made_by != "health"])
class TestEveryMethod:
    def test_it_is_there_and_says_what_it_calls(self, client, key, operation):
        method = attrgetter(operation.made_by)(client)
        route = re.sub(r"\{user_id\}|@me", "{}", key.partition("/")[2]).replace("syncorders", "orders")
        said = re.sub(r"\{user_id\}|@me", "{}", method.__doc__)
        assert f"{key.split()[0]} /{route}" in said

    def test_it_asks_again_only_where_nothing_can_change(self, client, vendor, key, operation):
        vendor.will(reply(503))
        with pytest.raises(errors.Unavailable):
            CALLS[operation.made_by](client)
        verb, path = key.split()
        assert len(vendor.requests) == (3 if operation.is_read else 1)
        assert {request.method for request in vendor.requests} == {verb}
        pattern = re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(path))
        assert re.fullmatch(rf"(/v1\.0)?{pattern}", vendor.requests[0].path.partition("?")[0])


@pytest.mark.parametrize("key", TABLE)
def test_it_says_all_that_is_required_and_nothing_unheard_of(client, vendor, contract, key):
    vendor.will(reply(503))
    with pytest.raises(errors.Unavailable):
        CALLS[TABLE[key].made_by](client)
    request, described = vendor.requests[0], contract.operations[key]
    said = set(parse_qs(urlsplit(request.path).query))
    assert described.required <= said <= described.known
    assert bool(request.body) == (described.body is not None)
    if described.body is not None:
        assert contract.strangers_in(json.loads(request.body), described.body) == []
