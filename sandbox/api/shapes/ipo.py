"""New issues."""

from __future__ import annotations

from typing import Any

from sandbox.lists.offerings import DAY_MS, OpenOffering


def account_offering(found: OpenOffering, at_ms: int) -> dict[str, Any]:
    """`ActiveWindow` is not explained anywhere: here it counts the days, begun ones too, in which orders are taken."""
    offering = found.offering
    documents = f"https://offerings.example/{offering.reference}"
    return {
        "OfferingReference": offering.reference,
        "Name": offering.name,
        "TickerSymbol": offering.symbol,
        "Description": offering.description,
        "OfferingTypeName": offering.kind,
        "Industry": offering.industry,
        "ProspectusUrl": f"{documents}/prospectus.pdf",
        "BrochureUrl": f"{documents}/brochure.pdf",
        "Underwriter": [
            {
                "ExecutingBrokerMpid": underwriter.mpid,
                "ExecutingBrokerName": underwriter.name,
                "Display": True,
                "Lead": underwriter.leads,
            }
            for underwriter in offering.underwriters
        ],
        "CusipId": offering.cusip,
        "AvailableToOrder": offering.shares,
        "AnticipatedShares": f"{offering.shares:,}",
        "MinPrice": offering.lowest,
        "MaxPrice": offering.highest,
        "TradeDate": found.trade_day.isoformat(),
        "SettlementDate": found.settlement_day.isoformat(),
        "ActiveWindow": -((at_ms - found.closes_ms) // DAY_MS),
        "UnitIncrement": 1,
        "OrdrDollarShare": 1,
        "MinTicketSize": offering.lowest * 10,
        "MaxTicketSize": offering.highest * 1000,
        "HasOrder": False,
        "IsSubscribed": found.is_followed,
        "RequestedAmount": 0,
    }
