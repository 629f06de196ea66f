"""News and corporate actions of one ticker."""

from __future__ import annotations

import html
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from sandbox.api.answers import answer
from sandbox.api.errors import ApiError
from sandbox.api.shapes.securities import midnight
from sandbox.clock import NO_DATE
from sandbox.dependencies import WorldHere
from sandbox.exchange.calendar import eastern_day
from sandbox.exchange.companies import Dividend, dividends_of, split_of
from sandbox.exchange.headlines import Story, stories_of
from sandbox.exchange.securities import Security, find_security
from sandbox.exchange.walk import key_of

router = APIRouter(prefix="/v1.0/news")

DAYS_OF_ACTIONS = 2 * 365
# Ids of actions: so many for each security, the last one for its split.
ACTIONS_OF_A_SECURITY = 1000


@router.get("")
async def news(world: WorldHere, symbol: str) -> Response:
    """Newest first. Headers and contents carry HTML entities, as the vendor's do."""
    security = _security_of(symbol)
    stories = stories_of(world.market.tape, security, world.market.now_ms())
    return answer([_news_row(security, story) for story in stories])


def _security_of(symbol: str) -> Security:
    security = find_security(symbol)
    if security is None or security.is_option:
        raise ApiError(409)
    return security


def _news_row(security: Security, story: Story) -> dict[str, Any]:
    return {
        "Key": security.symbol,
        "Date": story.at_ms // 1000,
        "Source": security.symbol,
        "Header": html.escape(story.title),
        "Content": html.escape(story.teaser),
        "Attachment": story.address(security),
        "NewsId": 0,
    }


@router.get("/corporate-actions")
async def corporate_actions(world: WorldHere, symbol: str) -> Response:
    """Of the last two years and of the time ahead, newest first; a split whenever it was."""
    security, today = _security_of(symbol), eastern_day(world.market.now_ms())
    since = today - timedelta(days=DAYS_OF_ACTIONS)
    dividends = [each for each in dividends_of(security, until=today) if each.ex_day >= since]
    rows = [_dividend_row(security, each, today) for each in reversed(dividends)]
    if split := split_of(security, until=today):
        rows.append(_split_row(security, *split))
    return answer(rows)


def _dividend_row(security: Security, dividend: Dividend, today: date) -> dict[str, Any]:
    data = {
        "Amount": str(dividend.amount),
        "Currency": "USD",
        "Frequency": "Quarterly",
        "DeclarationDate": dividend.declared.isoformat(),
        "ExDate": dividend.ex_day.isoformat(),
        "RecordDate": dividend.ex_day.isoformat(),
        "PayDate": dividend.pay_day.isoformat(),
    }
    completed = dividend.pay_day if dividend.pay_day <= today else None
    return _action(security, dividend.number, "CashDividend", dividend.ex_day, completed, data)


def _split_row(security: Security, shares: int, day: date) -> dict[str, Any]:
    data = {"OldShares": "1", "NewShares": str(shares), "ExDate": day.isoformat()}
    return _action(security, ACTIONS_OF_A_SECURITY - 1, "StockSplit", day, day, data)


def _action(
    security: Security, number: int, kind: str, day: date, completed: date | None, data: dict[str, str]
) -> dict[str, Any]:
    id = security.id * ACTIONS_OF_A_SECURITY + number
    unique = UUID(int=key_of("corporate action", id) << 64 | key_of(kind, id))
    return {
        "Id": id,
        "CorporateActionEventId": id,
        "UniqueId": str(unique),
        "SecurityId": security.id,
        "Type": kind,
        "Date": midnight(day),
        "Completed": completed is not None,
        "CompleteDate": midnight(completed) if completed else NO_DATE,
        "IsCancel": False,
        "Data": data,
    }
