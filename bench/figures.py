"""How a result is written down: `{value, unit, note}`."""


def figure(value: float, unit: str, note: str) -> dict[str, object]:
    return {"value": round(value, 2), "unit": unit, "note": note}
