-- Accounts that come from another broker by ACATS. partial is what the client has asked for, contents what will come:
-- JSON lists of [symbol or null for cash, quantity or USD as text].
CREATE TABLE account_transfer (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id INTEGER NOT NULL REFERENCES account,
    user_id INTEGER NOT NULL REFERENCES user, provider TEXT NOT NULL, from_account TEXT NOT NULL, type TEXT NOT NULL,
    status TEXT NOT NULL, accepted_by TEXT, control_number INTEGER, form_data TEXT, image_url TEXT, partial TEXT,
    contents TEXT NOT NULL, created_ms INTEGER NOT NULL, due_ms INTEGER);
CREATE INDEX account_transfer_account ON account_transfer (account_id, number);
CREATE INDEX account_transfer_due ON account_transfer (due_ms, number) WHERE due_ms IS NOT NULL;
CREATE TABLE account_transfer_event (
    id INTEGER PRIMARY KEY, transfer_id TEXT NOT NULL, status TEXT NOT NULL, changed_by TEXT NOT NULL, comment TEXT,
    at_ms INTEGER NOT NULL);
CREATE INDEX account_transfer_event_transfer ON account_transfer_event (transfer_id, id);
