-- Webhooks: where each application wants to hear of what, what was said, and every attempt to say it. Virtual moments.
-- status of a delivery: pending, delivered, failed, dropped, or held until after the next one.
CREATE TABLE webhook_endpoint (
    client_id TEXT PRIMARY KEY REFERENCES app, url TEXT NOT NULL, secret TEXT NOT NULL, events TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE TABLE webhook_event (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, account_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY, webhook_event_id INTEGER NOT NULL REFERENCES webhook_event, client_id TEXT NOT NULL,
    place INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL DEFAULT 0, due_ms INTEGER);
CREATE INDEX webhook_delivery_due ON webhook_delivery (client_id, due_ms, place) WHERE status = 'pending';
CREATE TABLE webhook_attempt (
    id INTEGER PRIMARY KEY, delivery_id INTEGER NOT NULL REFERENCES webhook_delivery, at_ms INTEGER NOT NULL,
    status INTEGER, problem TEXT, ms REAL NOT NULL);
CREATE INDEX webhook_attempt_delivery ON webhook_attempt (delivery_id);
