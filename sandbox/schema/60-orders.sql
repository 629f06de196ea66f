-- Orders, what happened to them, and executions. Moments are virtual milliseconds.
-- An order is open while due_ms is not null; booked is what it adds to its account's pending_cents.
CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER NOT NULL REFERENCES account,
    user_id INTEGER NOT NULL REFERENCES user, client_id TEXT NOT NULL, sent_client_id TEXT, orig_client_id TEXT,
    parent_id INTEGER REFERENCES orders, request_id INTEGER NOT NULL, symbol TEXT NOT NULL,
    security_id INTEGER NOT NULL, contract_size INTEGER NOT NULL, side TEXT NOT NULL, initial_type TEXT NOT NULL,
    type TEXT NOT NULL, tif TEXT NOT NULL, quantity DECIMALTEXT NOT NULL, price DECIMALTEXT NOT NULL,
    stop_price DECIMALTEXT NOT NULL, trail_type TEXT NOT NULL, trail_amount DECIMALTEXT NOT NULL,
    trail_limit_type TEXT NOT NULL, trail_limit_amount DECIMALTEXT NOT NULL, best DECIMALTEXT, best_ms INTEGER,
    comment TEXT, exchange TEXT NOT NULL, exec_inst TEXT NOT NULL, extended_hours TEXT,
    status TEXT NOT NULL, execution_status TEXT NOT NULL, request_status TEXT NOT NULL, target TEXT NOT NULL,
    executed DECIMALTEXT NOT NULL, executed_value DECIMALTEXT NOT NULL,
    last_price DECIMALTEXT NOT NULL, last_quantity DECIMALTEXT NOT NULL, exec_id TEXT,
    description TEXT, error_code TEXT, error_text TEXT, claim DECIMALTEXT NOT NULL, reserved DECIMALTEXT NOT NULL,
    booked INTEGER, late_reject TEXT, create_ms INTEGER NOT NULL, date_ms INTEGER NOT NULL,
    transaction_ms INTEGER NOT NULL, listed_ms INTEGER NOT NULL, accept_ms INTEGER NOT NULL,
    fill_from_ms INTEGER NOT NULL, expire_ms INTEGER, cancel_ms INTEGER, replace_ms INTEGER, replacement TEXT,
    due_ms INTEGER);
CREATE INDEX orders_heads ON orders (account_id, id) WHERE parent_id IS NULL;
CREATE INDEX orders_children ON orders (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX orders_open ON orders (account_id, symbol) WHERE due_ms IS NOT NULL;
CREATE INDEX orders_open_symbol ON orders (symbol) WHERE due_ms IS NOT NULL;
CREATE INDEX orders_due ON orders (due_ms, id) WHERE due_ms IS NOT NULL;
CREATE INDEX orders_client_id ON orders (account_id, sent_client_id) WHERE sent_client_id IS NOT NULL;
CREATE TABLE order_event (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders, at_ms INTEGER NOT NULL,
    is_request INTEGER NOT NULL, target TEXT NOT NULL, status TEXT NOT NULL, execution_status TEXT NOT NULL,
    request_status TEXT NOT NULL, client_id TEXT NOT NULL, type TEXT NOT NULL, tif TEXT NOT NULL,
    quantity DECIMALTEXT NOT NULL, price DECIMALTEXT NOT NULL, stop_price DECIMALTEXT NOT NULL,
    executed DECIMALTEXT NOT NULL, executed_value DECIMALTEXT NOT NULL, last_quantity DECIMALTEXT NOT NULL,
    last_price DECIMALTEXT NOT NULL, exec_id TEXT, description TEXT);
CREATE INDEX order_event_order ON order_event (order_id, id);
CREATE TABLE execution (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders,
    account_id INTEGER NOT NULL REFERENCES account, symbol TEXT NOT NULL, side TEXT NOT NULL,
    quantity DECIMALTEXT NOT NULL, price DECIMALTEXT NOT NULL, bid DECIMALTEXT NOT NULL, ask DECIMALTEXT NOT NULL,
    contract_size INTEGER NOT NULL, commission DECIMALTEXT NOT NULL, realized DECIMALTEXT NOT NULL,
    at_ms INTEGER NOT NULL);
CREATE INDEX execution_day ON execution (account_id, at_ms);
CREATE INDEX execution_order ON execution (order_id);
