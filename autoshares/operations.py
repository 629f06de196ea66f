"""Every call that the vendor publishes: which method of the client makes it, and whether it only reads.

A key is "METHOD /path", the path as in the contract with our spelling of the parameters. Source: API.md chapter 5 (121
operations), chapter 8 and appendix A (prose only); reads behind other verbs 3.6. What a call counts as in the vendor's
limits is in `limits.categories`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    made_by: str  # "orders.place" is client.orders.place
    is_read: bool  # may be asked again


_READS_BEHIND_WRITES = frozenset(
    {
        "PUT /history/symbols",
        "PUT /history/compare",
        "POST /history/export",
        "POST /orders/consolidated",
        "POST /positions/consolidated",
        "POST /transactions/consolidated",
        "POST /accounts/balance/consolidated",
        "POST /accounts/history",
        "POST /accounts/{account_id}/preview/orders",
        "PUT /accounts/{account_id}/preview/orders/{order_id}",
        "POST /accounts/{account_id}/preview/syncorders",
        "PUT /accounts/{account_id}/preview/syncorders/{order_id}",
        "POST /accounts/{clearing_number}/preview/orders/mutual-funds/buy",
        "POST /accounts/{clearing_number}/preview/orders/mutual-funds/sell",
        "POST /accounts/{clearing_number}/preview/orders/mutual-funds/exchange",
        "POST /accounts/{clearing_number}/preview/orders/mutual-funds/liquidate",
        "POST /users/info",
    }
)

_CONTRACT = {
    "POST /token": "login.start",
    "POST /logout": "logout",
    "GET /users/{user_id}/info": "users.get",
    "GET /users/{user_id}/balance-info": "users.balances",
    "PUT /users/{user_id}/password/change": "users.change_password",
    "POST /users/info": "users.by_email",
    "POST /users/{user_id}/pincode": "users.reset_pin",
    "POST /users/{user_id}/group": "users.join_professionals",
    "PATCH /users/{user_id}": "users.update",
    "GET /users/{user_id}/settings/trading": "settings.trading",
    "PUT /users/{user_id}/settings/trading": "settings.save_trading",
    "GET /users/{user_id}/accounts": "accounts.of_user",
    "GET /accounts/all": "accounts.all",
    "GET /accounts/{account_id}": "accounts.get",
    "GET /accounts/{account_id}/info": "accounts.balances",
    "GET /accounts/{account_id}/details": "accounts.details",
    "GET /accounts/{account_id}/history": "accounts.history",
    "GET /accounts/{account_id}/users": "accounts.users",
    "PUT /accounts/{account_id}/users/{user_id}": "accounts.bind",
    "DELETE /accounts/{account_id}/users/{user_id}": "accounts.unbind",
    "PUT /accounts/{account_id}/username/{username}": "accounts.bind_by_name",
    "PUT /accounts/{account_id}/select": "accounts.select",
    "PUT /accounts/{account_id}/alias/{alias}": "accounts.rename",
    "DELETE /accounts/{account_id}/alias": "accounts.clear_alias",
    "POST /accounts/balance/consolidated": "accounts.consolidated_balances",
    "POST /accounts/history": "accounts.consolidated_history",
    "GET /users/{user_id}/agreements": "agreements.outstanding",
    "POST /users/{user_id}/agreements/{agreement_id}/sign": "agreements.sign",
    "GET /equities": "equities.page",
    "GET /equities/lookup": "equities.lookup",
    "GET /equities/{id}": "equities.get",
    "GET /equities/{symbol}": "equities.by_symbol",
    "GET /equities/{symbol}/logo": "equities.logo",
    "GET /currencyRate": "equities.currency_rate",
    "GET /options": "options.list",
    "GET /options/{id}": "options.get",
    "GET /options/{symbol}": "options.by_symbol",
    "GET /options/optionChain/{symbol}": "options.chain",
    "GET /options/expirations": "options.expirations",
    "PUT /history/symbols": "history.candles",
    "PUT /history/compare": "history.compare",
    "POST /history/export": "history.export",
    "GET /news": "news.of_symbol",
    "GET /news/corporate-actions": "news.corporate_actions",
    "GET /users/{user_id}/watchlists": "watchlists.list",
    "POST /users/{user_id}/watchlists": "watchlists.create",
    "GET /users/{user_id}/watchlists/{watchlist_id}": "watchlists.get",
    "DELETE /users/{user_id}/watchlists/{watchlist_id}": "watchlists.delete",
    "PUT /users/{user_id}/watchlists/{watchlist_id}/name": "watchlists.rename",
    "PUT /users/{user_id}/watchlists/{watchlist_id}/securities": "watchlists.add_symbol",
    "DELETE /users/{user_id}/watchlists/{watchlist_id}/securities": "watchlists.remove_symbol",
    "PUT /users/{user_id}/watchlists/{watchlist_id}/securities/{security_id}": "watchlists.add",
    "DELETE /users/{user_id}/watchlists/{watchlist_id}/securities/{security_id}": "watchlists.remove",
    "GET /users/{user_id}/pricealerts": "alerts.list",
    "POST /users/{user_id}/pricealerts": "alerts.create",
    "GET /users/{user_id}/pricealerts/{alert_id}": "alerts.get",
    "PUT /users/{user_id}/pricealerts/{alert_id}": "alerts.update",
    "DELETE /users/{user_id}/pricealerts/{alert_id}": "alerts.delete",
    "POST /accounts/{account_id}/orders": "orders.place",
    "PUT /accounts/{account_id}/orders/{order_id}": "orders.replace",
    "DELETE /accounts/{account_id}/orders/{order_id}": "orders.cancel",
    "GET /accounts/{account_id}/orders": "orders.list",
    "GET /accounts/{account_id}/orders/{order_id}": "orders.get",
    "GET /accounts/{account_id}/orders/{order_id}/details": "orders.details",
    "POST /orders/consolidated": "orders.consolidated",
    "POST /accounts/{account_id}/preview/orders": "orders.preview",
    "PUT /accounts/{account_id}/preview/orders/{order_id}": "orders.preview_replace",
    "GET /accounts/{account_id}/verified/orders/{order_id}": "orders.verified",
    "GET /accounts/{account_id}/preview/limits/{symbol}": "orders.limits",
    "POST /accounts/{account_id}/syncorders": "sync_orders.place",
    "PUT /accounts/{account_id}/syncorders/{order_id}": "sync_orders.replace",
    "DELETE /accounts/{account_id}/syncorders/{order_id}": "sync_orders.cancel",
    "GET /accounts/{account_id}/syncorders": "sync_orders.list",
    "GET /accounts/{account_id}/syncorders/{order_id}": "sync_orders.get",
    "POST /accounts/{account_id}/preview/syncorders": "sync_orders.preview",
    "PUT /accounts/{account_id}/preview/syncorders/{order_id}": "sync_orders.preview_replace",
    "GET /accounts/{account_id}/positions": "positions.list",
    "GET /accounts/{account_id}/positions/{symbol}": "positions.by_symbol",
    "GET /accounts/{account_id}/positions/groups": "positions.groups",
    "GET /accounts/{account_id}/positions/top": "positions.top",
    "POST /positions/consolidated": "positions.consolidated",
    "GET /accounts/{account_id}/transactions": "transactions.list",
    "GET /accounts/{account_id}/transactions/allowed-types": "transactions.allowed_types",
    "GET /accounts/{account_id}/transaction/report": "transactions.report",
    "POST /transactions/consolidated": "transactions.consolidated",
    "GET /accounts/{account_id}/activity": "activity.list",
    "GET /accounts/{account_id}/activity/allowed-types": "activity.allowed_types",
    "GET /accounts/{account_id}/activity/report": "activity.report",
    "GET /accounts/{account_id}/ach-relationships": "ach.list",
    "POST /accounts/{account_id}/ach-relationships": "ach.link",
    "POST /accounts/{account_id}/ach-relationships/plaid": "ach.link_plaid",
    "GET /accounts/{account_id}/ach-relationships/default": "ach.default",
    "GET /accounts/{account_id}/ach-relationships/{id}": "ach.get",
    "PUT /accounts/{account_id}/ach-relationships/{id}": "ach.rename",
    "DELETE /accounts/{account_id}/ach-relationships/{id}": "ach.close",
    "POST /accounts/{account_id}/ach-relationships/{id}/approve": "ach.approve",
    "POST /accounts/{account_id}/ach-relationships/{id}/default": "ach.make_default",
    "GET /accounts/{account_id}/transfers": "transfers.list",
    "POST /accounts/{account_id}/transfers/ach": "transfers.send_ach",
    "POST /accounts/{account_id}/transfers/wire": "transfers.send_wire",
    "POST /accounts/{account_id}/transfers/check": "transfers.send_check",
    "POST /accounts/{account_id}/transfers/zelle": "transfers.send_zelle",
    "DELETE /accounts/{account_id}/transfers/{transfer_id}": "transfers.cancel",
    "GET /accounts/{account_id}/transfers/{id}/fees": "transfers.fees",
    "GET /accounts/{account_id}/transfers/ira_constraints/{mechanism}/{is_deposit}": "transfers.ira_constraints",
    "GET /streamers": "streamers.addresses",
    "PUT /streamers/session/recover": "streamers.recover",
    "POST /accounts/{clearing_number}/orders/mutual-funds/buy": "mutual_funds.buy",
    "POST /accounts/{clearing_number}/orders/mutual-funds/sell": "mutual_funds.sell",
    "POST /accounts/{clearing_number}/orders/mutual-funds/exchange": "mutual_funds.exchange",
    "POST /accounts/{clearing_number}/orders/mutual-funds/liquidate": "mutual_funds.liquidate",
    "DELETE /accounts/{clearing_number}/orders/mutual-funds/{order_id}": "mutual_funds.cancel",
    "POST /accounts/{clearing_number}/preview/orders/mutual-funds/buy": "mutual_funds.preview_buy",
    "POST /accounts/{clearing_number}/preview/orders/mutual-funds/sell": "mutual_funds.preview_sell",
    "POST /accounts/{clearing_number}/preview/orders/mutual-funds/exchange": "mutual_funds.preview_exchange",
    "POST /accounts/{clearing_number}/preview/orders/mutual-funds/liquidate": "mutual_funds.preview_liquidate",
    "GET /ipo/industries": "ipo.industries",
    "GET /ipo/security-info": "ipo.security_info",
    "GET /ipo/accounts/{account_id}/offerings/active": "ipo.offerings",
    "POST /ipo/accounts/{account_id}/offerings/{offering_reference}/subscribe": "ipo.follow",
    "POST /ipo/accounts/{account_id}/offerings/{offering_reference}/unsubscribe": "ipo.unfollow",
}

# Routes that stand in the vendor's prose, not in its specification; of account requests the last three in neither.
_PROSE = {
    "GET /health": "health",
    "GET /users/{user_id}/exchanges": "users.exchanges",
    "GET /registration/schema": "registration.schema",
    "POST /registration/": "registration.register",
    "POST /user/{user_id}/account-requests/open": "account_requests.open",
    "GET /user/{user_id}/account-requests": "account_requests.list",
    "PUT /account-requests/{request_id}/submit": "account_requests.submit",
    "PUT /account-requests/{request_id}/cancel": "account_requests.cancel",
}


def _operations(rows: dict[str, str]) -> dict[str, Operation]:
    return {
        key: Operation(made_by, is_read=key.startswith("GET ") or key in _READS_BEHIND_WRITES)
        for key, made_by in rows.items()
    }


CONTRACT = _operations(_CONTRACT)
OPERATIONS = CONTRACT | _operations(_PROSE)
