"""The vendor's resources, drawn from what the exchange knows. Only documented fields; absent ones are left out."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.api.answers import without_nulls
from sandbox.clock import NO_DATE, iso
from sandbox.exchange.balances import Holding, Worth
from sandbox.exchange.day import day_of
from sandbox.exchange.entry import Limits, Verdict
from sandbox.exchange.market import Market
from sandbox.exchange.money import ZERO, cents, rounded
from sandbox.exchange.orders import Order
from sandbox.exchange.prices import Quote
from sandbox.exchange.securities import SECURITIES, Security

CLEARING_FIRM = "PaperTrading"
VENUE = "Sandbox Emulator"
LISTED = "2019-01-02T00:00:00Z"


def user_info(user: sqlite3.Row) -> dict[str, Any]:
    return {
        "UserId": user["id"],
        "Login": user["login"],
        "FirstName": user["first_name"],
        "LastName": user["last_name"],
        "Email": user["email"],
        "Role": 0,
        "AddedDate": iso(user["added_ms"]),
        "Salutation": "NoSalutation",
        "Suffix": "NoSuffix",
    }


def user_account(row: sqlite3.Row, owners: list[sqlite3.Row]) -> dict[str, Any]:
    """`row` joins account and account_user."""
    return without_nulls(
        {
            "Id": row["id"],
            "ClearingAccount": str(row["id"]),
            "AccessType": row["access_type"],
            "Alias": row["alias"],
            "ClearingFirm": CLEARING_FIRM,
            "IsAverageAccount": False,
            "Owners": [user_info(owner) for owner in owners],
            "MarginType": row["margin_type"],
            "OwnerType": row["owner_type"],
            "Enabled": bool(row["enabled"]),
            "Currency": "USD",
        }
    )


def account(row: sqlite3.Row, owner: sqlite3.Row | None, worth: Worth) -> dict[str, Any]:
    fields = {
        "Id": row["id"],
        "ClearingAccount": str(row["id"]),
        "AccountName": str(row["id"]),
        "Enabled": bool(row["enabled"]),
        "Status": row["status"],
        "CreatedDate": iso(row["created_ms"]),
        "ModifiedDate": iso(row["created_ms"]),
        "MarginType": row["margin_type"],
        "OwnerType": row["owner_type"],
        "Permissions": "AllowTrade",
        "OptionLevel": row["option_level"],
        "Currency": "USD",
        "ClearingFirm": CLEARING_FIRM,
        "IsAverageAccount": False,
        "Cash": worth.cash,
        "BaseCash": worth.cash,
        "UnsettledCash": ZERO,
        "AvailableToWithdraw": max(min(worth.cash - worth.pending, worth.excess), ZERO),
        "EquityTotal": worth.equity,
        "CloseEquity": worth.equity - worth.change,
        "ExcessEquity": worth.excess,
        "MarketValue": worth.market_value,
        "OpenPL": worth.open_pl,
        "DayTradingBuyingPower": ZERO,
        "DayTrades": 0,
    }
    if owner is not None:
        fields |= {
            "AccountHolder": f"{owner['first_name']} {owner['last_name']}",
            "FirstName": owner["first_name"],
            "LastName": owner["last_name"],
            "Login": owner["login"],
            "Email": owner["email"],
            "UserId": owner["id"],
        }
    return fields


def account_details(row: sqlite3.Row, owner: sqlite3.Row | None) -> dict[str, Any]:
    """The opening record."""
    return without_nulls(
        {
            "Id": str(uuid5(NAMESPACE_URL, f"autoshares-sandbox/accounts/{row['id']}")),
            "CreatedAt": iso(row["created_ms"]),
            "ClearingAccountNumber": str(row["id"]),
            "AccountProvider": CLEARING_FIRM,
            "FormType": "Direct",
            "User": str(owner["id"]) if owner else None,
            "IsOpened": bool(row["enabled"]),
            "CustomerType": "Ira" if row["owner_type"].startswith("IRA") else "Individual",
        }
    )


def agreement(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "Id": row["id"],
        "Type": row["type"],
        "Title": row["title"],
        "CanSkip": bool(row["can_skip"]),
        "Version": row["version"],
    }


def equity(security: Security) -> dict[str, Any]:
    return {
        "Id": security.id,
        "Symbol": security.symbol,
        "Description": security.name,
        "Exchange": security.mic,
        "Currency": "USD",
        "Type": security.type,
        "Industry": security.industry,
        "TickSize": security.tick,
        "Precision": security.precision,
        "VolumePrecision": 0,
        "ContractSize": 1,
        "AddedDate": LISTED,
        "ModifyDate": LISTED,
        "Enabled": True,
        "AllowTrade": True,
        "AllowMargin": True,
        "AllowShort": True,
    }


def quote_model(market: Market, security: Security, quote: Quote) -> dict[str, Any]:
    previous = market.tape.previous_close(security.symbol, quote.at_ms)
    change = quote.last - previous
    day = day_of(market.tape, security.symbol, quote.at_ms)
    return {
        "Symbol": security.symbol,
        "SecurityId": security.id,
        "Key": security.id,
        "Bid": quote.bid,
        "Ask": quote.ask,
        "Last": quote.last,
        "Price": quote.last,
        "Mark": rounded((quote.bid + quote.ask) / 2, 4),
        "BidSize": market.tape.liquidity(security.symbol, -1, quote.at_ms),
        "AskSize": market.tape.liquidity(security.symbol, -2, quote.at_ms),
        "Open": day.open,
        "High": day.high,
        "Low": day.low,
        "TotalDailyVolume": day.volume,
        "Close": previous,
        "PreviousClose": previous,
        "Change": change,
        "ChangePc": rounded(change / previous * 100, 4),
        "Timestamp": iso(quote.at_ms),
        "Date": iso(quote.at_ms),
        "IsHalted": False,
    }


def order_preview(market: Market, verdict: Verdict) -> dict[str, Any]:
    """Cost is the value without fees, NetCost and TotalCost add the commission (C55)."""
    good = verdict.code is None
    commission = verdict.commission
    fields: dict[str, Any] = {
        "IsSuccessful": good,
        "Cost": verdict.cost,
        "Commission": commission,
        "NetCost": verdict.cost + commission,
        "TotalCost": verdict.cost + commission,
        "MarginChange": verdict.margin_change,
        "Commissions": {"Per Trade Commission": commission} if commission else {},
        "InitialMarginRate": verdict.rate,
        "MaintenanceMarginRate": verdict.rate,
        "MarginRate": verdict.rate,
        "CurrencyRate": 1,
        "Quotes": [],
    }
    if verdict.security and verdict.quote:
        fields["Quotes"] = [quote_model(market, verdict.security, verdict.quote)]
    if not good:
        fields |= {
            "ErrorDescription": verdict.code,
            "ErrorDescriptionText": verdict.text,
            "ErrorDescriptionArgs": [],
        }
    return fields


def order(market: Market, order: Order) -> dict[str, Any]:
    security = SECURITIES.get(order.symbol)
    is_waiting = order.status in ("PendingNew", "Rejected")
    comment = order.comment if market.settings.echo_comment else None
    return without_nulls(
        {
            "Id": order.id,
            "SecurityId": order.security_id,
            "Symbol": order.symbol,
            "Name": order.symbol,
            "SecurityType": security.type if security else None,
            "Currency": "USD",
            "Precision": security.precision if security else None,
            "VolumePrecision": 0,
            "AccountId": order.account_id,
            "ClearingAccount": str(order.account_id),
            "UserId": order.user_id,
            "ClientId": order.client_id,
            "Comment": comment,
            "Side": order.side,
            "Type": order.type,
            "InitialType": order.type,
            "Quantity": order.quantity,
            "Price": order.price,
            "StopPrice": ZERO,
            "ExecutedQuantity": order.executed,
            "LeavesQuantity": ZERO if is_waiting or order.is_final else order.leaves,
            "AveragePrice": rounded(order.average_price, 4),
            "LastPrice": order.last_price,
            "LastQuantity": order.last_quantity,
            "Status": order.status,
            "ExecutionStatus": order.execution_status,
            "RequestStatus": order.request_status,
            "Target": order.target,
            "TransType": "New",
            "TimeInForce": order.tif,
            "ExecInst": "None",
            "ExecInstNum": 0,
            "Exchange": order.exchange,
            "ExtendedHours": order.extended_hours,
            "ExecId": order.exec_id,
            "ExecutionVenue": VENUE,
            "Description": order.description,
            "ErrorDescriptionText": order.error_text,
            "CreateDate": iso(order.create_ms),
            "Date": iso(order.date_ms),
            "TransactionDate": iso(order.transaction_ms),
            "ExpireDate": iso(order.expire_ms),
            "SettDate": NO_DATE,
            "ParentId": -1,
            "Legs": [],
            "RequestId": order.request_id,
            "StateId": 0,
            "IsExternal": False,
            "QuantityQualifier": "Shares",
            "TrailingStopAmountType": "Absolute",
            "TrailingStopAmount": ZERO,
            "TrailingLimitAmountType": "Absolute",
            "TrailingLimitAmount": ZERO,
        }
    )


def order_details(order: Order, event: sqlite3.Row) -> dict[str, Any]:
    """One row of an order's history. Dates are milliseconds, enums plain strings."""
    executed: Decimal = event["executed"]
    return without_nulls(
        {
            "Id": order.id,
            "IsRequest": bool(event["is_request"]),
            "ExecutionTarget": event["target"],
            "UserId": order.user_id,
            "ClientId": order.client_id,
            "RequestId": order.request_id,
            "Symbol": order.symbol,
            "SecurityId": order.security_id,
            "Side": order.side,
            "Type": order.type,
            "InitialType": order.type,
            "TimeInForce": order.tif,
            "Quantity": order.quantity,
            "Price": order.price,
            "StopPrice": ZERO,
            "Exchange": order.exchange,
            "Currency": "USD",
            "Comment": order.comment,
            "Status": event["status"],
            "ExecutionStatus": event["execution_status"],
            "RequestStatus": event["request_status"],
            "TransType": "New",
            "ExecutedQuantity": executed,
            "LeavesQuantity": order.quantity - executed,
            "LastQuantity": event["last_quantity"],
            "LastPrice": event["last_price"],
            "ExecId": event["exec_id"],
            "ExecutionVenue": VENUE,
            "OrderStatusDescription": event["description"],
            "RejectReason": event["description"] if event["status"] == "Rejected" else None,
            "CreateDate": order.create_ms,
            "Date": event["at_ms"],
            "TransactionDate": event["at_ms"],
            "TransactionDateText": iso(event["at_ms"]),
            "ExpireDate": order.expire_ms,
            "IsCompleted": order.is_final,
            "ParentId": -1,
            "Legs": [],
            "StateId": 0,
            "VolumePrecision": 0,
        }
    )


def position(holding: Holding) -> dict[str, Any]:
    row, security = holding.row, holding.security
    at_close = cents(holding.quantity_at_close * holding.previous_close)
    return {
        "Id": row["id"],
        "AccountId": row["account_id"],
        "ClearingAccount": str(row["account_id"]),
        "SecurityId": security.id,
        "Symbol": security.symbol,
        "Name": security.symbol,
        "CompanyName": security.name,
        "SecurityCurrency": "USD",
        "Currency": "USD",
        "SecurityType": security.type,
        "TickSize": security.tick,
        "VolumePrecision": 0,
        "ContractSize": 1,
        "Quantity": holding.quantity,
        "OpenQuantity": holding.quantity,
        "DayQuantity": holding.day_quantity,
        "AverageOpenPrice": holding.average_open,
        "AverageClosePrice": holding.average_close,
        "CostBasis": holding.cost,
        "DailyCostBasis": at_close,
        "RealizedProfitLoss": row["realized"],
        "DailyCloseProfitLoss": holding.realized_today,
        "UnrealizedProfitLoss": holding.unrealized,
        "MarketValueEOD": at_close,
        "EODPrice": holding.previous_close,
        "StopLossPrice": ZERO,
        "TakeProfitPrice": ZERO,
        "ExcessChanges": ZERO,
        "LoanedQuantity": ZERO,
        "MarginType": "Cash" if holding.row["margin_type"] == "Cash" else "Margin",
        "CreateDate": iso(row["create_ms"]),
        "ModifyDate": iso(row["modify_ms"]),
    }


def order_limits(account_id: int, symbol: str, limits: Limits) -> dict[str, Any]:
    return {
        "AccountId": account_id,
        "Symbol": symbol,
        "BuyPrice": limits.buy_price,
        "SellPrice": limits.sell_price,
        "BuyLimit": limits.buy,
        "SellLimit": limits.sell,
    }
