-- Orders for mutual funds: what was asked for beside the row in orders, and when something happens to it next.
CREATE TABLE fund_order (
    order_id INTEGER PRIMARY KEY REFERENCES orders, kind TEXT NOT NULL, amount DECIMALTEXT NOT NULL,
    qualifier TEXT NOT NULL, target TEXT, reinvest TEXT NOT NULL, nav_ms INTEGER NOT NULL, due_ms INTEGER);
CREATE INDEX fund_order_due ON fund_order (due_ms, order_id) WHERE due_ms IS NOT NULL;
