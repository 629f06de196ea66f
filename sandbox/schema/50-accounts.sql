-- Accounts, who may use them, their cash and positions. Amounts are text, exact.
-- pending_cents and pending_orders are sums over the account's open orders, kept with every change of an order.
CREATE TABLE account (
    id INTEGER PRIMARY KEY, margin_type TEXT NOT NULL, owner_type TEXT NOT NULL, cash DECIMALTEXT NOT NULL,
    option_level INTEGER NOT NULL DEFAULT 0, clearing_firm TEXT NOT NULL DEFAULT 'PaperTrading',
    status TEXT NOT NULL DEFAULT 'Approved',
    enabled INTEGER NOT NULL DEFAULT 1, restricted INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL,
    pending_cents INTEGER NOT NULL DEFAULT 0, pending_orders INTEGER NOT NULL DEFAULT 0);
CREATE TABLE account_user (
    account_id INTEGER NOT NULL REFERENCES account, user_id INTEGER NOT NULL REFERENCES user,
    access_type TEXT NOT NULL, alias TEXT, PRIMARY KEY (account_id, user_id)) WITHOUT ROWID;
CREATE INDEX account_user_by_user ON account_user (user_id);
-- symbol, quantity (signed) and price say what was traded or expired, realized the profit or loss of it; settle_ms is
-- the moment at which the amount is settled.
CREATE TABLE cash_entry (
    id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL, amount DECIMALTEXT NOT NULL, order_id INTEGER,
    symbol TEXT, quantity DECIMALTEXT, price DECIMALTEXT, realized DECIMALTEXT NOT NULL DEFAULT '0',
    settle_ms INTEGER NOT NULL, note TEXT);
CREATE INDEX cash_entry_day ON cash_entry (account_id, at_ms);
CREATE INDEX cash_entry_settling ON cash_entry (account_id, settle_ms);
-- A short position has a negative quantity and a negative cost: what its sale brought. expires_ms: options only.
CREATE TABLE position (
    id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, symbol TEXT NOT NULL,
    quantity DECIMALTEXT NOT NULL, cost DECIMALTEXT NOT NULL, realized DECIMALTEXT NOT NULL DEFAULT '0',
    closed_quantity DECIMALTEXT NOT NULL DEFAULT '0', closed_value DECIMALTEXT NOT NULL DEFAULT '0',
    create_ms INTEGER NOT NULL, modify_ms INTEGER NOT NULL, expires_ms INTEGER, UNIQUE (account_id, symbol));
CREATE INDEX position_expiring ON position (expires_ms) WHERE expires_ms IS NOT NULL AND quantity <> '0';
