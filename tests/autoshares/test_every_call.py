"""Every operation is called through the client and answered by the sandbox, whose own log is the judge."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from pathlib import Path
from types import MethodType

import pytest

import autoshares
from autoshares import Client, Patience
from autoshares.operations import OPERATIONS

from .signing_in import PASSWORD
from .tours import MARGIN, TOURS, Stage, buy

KINDS = {"id": r"[\da-f-]+", "order_id": r"\d+", "watchlist_id": r"\d+", "security_id": r"\d+", "alias": ".+"}


def group_of(made_by: str) -> str:
    return made_by.partition(".")[0]


def pattern_of(path: str) -> re.Pattern[str]:
    """What this operation's requests look like; ids are numbers, so that a literal segment is none."""
    parts = re.split(r"\{(\w+)\}", path)
    routes = [re.escape(part) if number % 2 == 0 else KINDS.get(part, "[^/]+") for number, part in enumerate(parts)]
    return re.compile(rf"/api(/v1\.0)?{''.join(routes)}")


def answered(sandbox) -> set[str]:
    """The operations that were answered well; a path with the fewest parameters is meant."""
    by_detail = sorted(OPERATIONS, key=lambda key: (key.count("{"), "{symbol}" in key))
    found = set()
    for request in sandbox.control("requests"):
        if 200 <= request["status"] < 300:
            keys = (key for key in by_detail if key.startswith(request["method"] + " "))
            match = (key for key in keys if pattern_of(key.split()[1]).fullmatch(request["path"]))
            found.add(next(match, None))
    return found


def kind_of(group: str) -> type:
    return type(getattr(Client(base_url="http://localhost", app_key=""), group))


def methods_of(group: str) -> dict[str, Callable[..., object]]:
    """The public methods of a group, those that it inherits too; what the client does by itself has none."""
    kind = kind_of(group)
    return {} if kind is MethodType else {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}


@pytest.fixture
def stage(sandbox) -> Stage:
    """Time stands still: what is asked for twice must not have moved in between."""
    sandbox.control("faults", {"settings": {"rate_limits": False}})
    sandbox.control("clock", {"mode": "frozen"})

    def make(token: str = "") -> Client:
        return Client(
            base_url=sandbox.api_url,
            app_key="demo-harbor-app-key-secret",
            token=token,
            patience=Patience(pause=lambda seconds: None),
        )

    def signed_in(email: str) -> Client:
        return make(make().login.start(email, PASSWORD).token)

    return Stage(sandbox, signed_in("investor@demo.test"), signed_in("admin@demo.test"), make)


@pytest.fixture
def called(monkeypatch) -> set[tuple[str, str]]:
    """Which methods of which groups were called and have returned."""
    found = set()

    def recorded(group, name, method):
        @wraps(method)
        def call(*arguments, **more):
            answer = method(*arguments, **more)
            found.add((group, name))
            return answer

        return call

    for group in TOURS:
        for name, method in methods_of(group).items():
            monkeypatch.setattr(kind_of(group), name, recorded(group, name, method))
    return found


@pytest.mark.parametrize("group", TOURS)
def test_it_is_answered(group, stage, sandbox, called):
    TOURS[group](stage)
    assert {(group, name) for name in methods_of(group)} - called == set()
    of_group = {key for key, operation in OPERATIONS.items() if group_of(operation.made_by) == group}
    assert of_group - answered(sandbox) == set()


def test_no_group_is_left_out():
    assert set(TOURS) == {group_of(operation.made_by) for operation in OPERATIONS.values()}


def test_the_readme_is_true(stage):
    """Its blocks about the calls run one after the other, as they stand there."""
    text = (Path(autoshares.__file__).parent / "README.md").read_text()
    section = text.partition("## The calls")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 4
    said = dict(vars(autoshares)) | {
        "Decimal": Decimal,
        "client": stage.dana,
        "account": stage.dana.accounts.get(MARGIN),
        "order_id": stage.dana.orders.place(MARGIN, buy(2)).id,
        "name": "investor@demo.test",
        "password": PASSWORD,
        "base_url": stage.sandbox.api_url,
        "app_key": "demo-harbor-app-key-secret",
    }
    stage.advance(5)
    for block in blocks:
        exec(block, said)
    assert stage.dana.orders.preview(MARGIN, said["pair"]).is_successful
    assert [each.name for each in stage.dana.watchlists.list() if each.id == said["mine"].id] == ["Phones"]
    assert said["client"].is_signed_in()
