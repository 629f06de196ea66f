-- What people watch: lists of securities, alerts, and the alerts that fired (an outbox: nothing here is ever changed).
CREATE TABLE watchlist (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES user, name TEXT NOT NULL,
    create_ms INTEGER NOT NULL, modify_ms INTEGER);
CREATE INDEX watchlist_user ON watchlist (user_id, id);
CREATE TABLE watchlist_security (
    id INTEGER PRIMARY KEY, watchlist_id INTEGER NOT NULL REFERENCES watchlist ON DELETE CASCADE,
    security_id INTEGER NOT NULL, UNIQUE (watchlist_id, security_id));
CREATE TABLE price_alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES user, state TEXT NOT NULL,
    operator TEXT NOT NULL, field TEXT NOT NULL, security_id INTEGER NOT NULL, symbol TEXT NOT NULL,
    argument DECIMALTEXT NOT NULL, created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, due_ms INTEGER);
CREATE INDEX price_alert_user ON price_alert (user_id, id);
CREATE INDEX price_alert_due ON price_alert (due_ms, id) WHERE due_ms IS NOT NULL;
CREATE TABLE alert_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, alert_id INTEGER NOT NULL, user_id INTEGER NOT NULL REFERENCES user,
    at_ms INTEGER NOT NULL, operator TEXT NOT NULL, field TEXT NOT NULL, security_id INTEGER NOT NULL,
    symbol TEXT NOT NULL, argument DECIMALTEXT NOT NULL, price DECIMALTEXT NOT NULL);
