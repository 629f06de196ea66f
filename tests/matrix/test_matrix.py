"""One order, one POST, whatever breaks: the vendor's own ledger is the judge."""

import pytest

from tests.matrix.bugs import PLANTED
from tests.matrix.house import House
from tests.matrix.judge import find_faults
from tests.matrix.scenarios import Scenario


def test_it_is_neither_doubled_nor_lost(house: House, scenario: Scenario, record_property) -> None:
    house.run(scenario)
    broken = find_faults(house.book, house.account)
    words = [word for word in ("duplicated", "lost") if any(problem.startswith(word) for problem in broken)]
    record_property("scenario", {"fault": scenario.fault, "crash": scenario.crash, "broken": words})
    assert broken == []
    assert house.book.placed() <= 1


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_caught(house: House, name: str, record_property) -> None:
    plant, scenarios = PLANTED[name]
    plant(house.monkeypatch)
    for _ in range(3 if name == "first page only" else 0):
        house.leave_an_old_order()
    caught = []
    for scenario in scenarios:
        house.begin_anew()
        house.run(scenario)
        caught += find_faults(house.book, house.account)
    record_property("planted", {"name": name, "caught": caught[0] if caught else ""})
    assert caught
