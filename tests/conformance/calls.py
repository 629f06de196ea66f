"""The calls that one operation gets: wrong credentials, a valid example, boundaries, and generated data.

Generated data alone would rarely get past an unknown id, so most calls borrow parts of the example. Everything is
deterministic: the same contract, seed and number of calls give the same calls.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode

from tests.conformance.cast import FOREIGN_ACCOUNT, OTHER_USER
from tests.conformance.contract import VERSION
from tests.conformance.examples import Example

FOREIGN = {"accountId": FOREIGN_ACCOUNT, "userId": OTHER_USER, "clearingNumber": str(FOREIGN_ACCOUNT)}


def example_case(operation: APIOperation, example: Example) -> Case:
    body = {"body": example.body, "media_type": "application/json"} if example.has_body else {}
    return operation.Case(
        path_parameters={"version": VERSION, **example.path},
        query=dict(example.query),
        headers=dict(example.headers),
        **body,
    )


def boundary_cases(operation: APIOperation, most: int) -> Iterator[Case]:
    """Schemathesis' systematic cases: at and beyond each limit of the description, evenly chosen. Calls with another
    method are left out: they are calls of another operation, or of none."""
    schema = operation.schema
    found = [
        case
        for case in schema.iter_coverage_cases(
            operation,
            generation_modes=list(GenerationMode),
            generation_config=schema.config.generation_for(operation=operation),
        )
        if case.method.upper() == operation.method.upper()
    ]
    step = max(len(found) / most, 1) if most else 1
    return (found[int(place * step)] for place in range(min(most, len(found))))


def generate(operation: APIOperation, number: int, send: Callable[[Case, random.Random], None], *, round: int) -> None:
    """Send `number` generated cases, as many that fit the description as that do not."""
    for mode, share in ((GenerationMode.POSITIVE, number - number // 2), (GenerationMode.NEGATIVE, number // 2)):
        try:
            if share:
                _generate(operation, share, mode, send, round)
        except Unsatisfiable:
            continue  # an operation without parameters cannot be called in a wrong way


def _generate(
    operation: APIOperation,
    number: int,
    mode: GenerationMode,
    send: Callable[[Case, random.Random], None],
    round: int,
) -> None:
    strategy = operation.as_strategy(generation_mode=mode, path_parameters=None)

    @seed(round)
    @settings(
        max_examples=number, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy, st.integers(0, 2**32))
    def run(case: Case, luck: int) -> None:
        send(case, random.Random(luck))

    run()


def blend(case: Case, example: Example | None, luck: random.Random) -> Case:
    """Put parts of the example into a generated case."""
    if example is not None:
        _blend_path(case, example, luck)
        for name, value in example.query.items():
            if luck.random() < 0.6:
                case.query[name] = value
        for name, text in example.headers.items():
            if luck.random() < 0.5:
                case.headers[name] = text
        if example.has_body:
            case.body = _blended_body(case.body, example.body, luck)
    case.path_parameters["version"] = VERSION
    return case


def _blend_path(case: Case, example: Example, luck: random.Random) -> None:
    roll = luck.random()
    if roll < 0.75:
        case.path_parameters.update(example.path)
    elif roll < 0.85:
        case.path_parameters.update({name: FOREIGN.get(name, value) for name, value in example.path.items()})


def _blended_body(generated: Any, wanted: Any, luck: random.Random) -> Any:
    roll = luck.random()
    if roll < 0.25:
        return generated
    if isinstance(wanted, dict) and isinstance(generated, dict) and roll < 0.75:
        return wanted | {name: value for name, value in generated.items() if luck.random() < 0.4}
    if isinstance(wanted, dict) and roll < 0.9:
        return dict(islice(luck.sample(list(wanted.items()), len(wanted)), len(wanted) - 1))
    return wanted
