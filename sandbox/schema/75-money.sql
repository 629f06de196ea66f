-- Bank links, and the transfers of money over them, by wire, check or Zelle. Ids are UUIDs, as the vendor's.
-- details: JSON of what was said about the other side. fate: what the bank will do with a deposit, if anything.
CREATE TABLE bank_link (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id INTEGER NOT NULL REFERENCES account,
    name TEXT NOT NULL, owner_name TEXT NOT NULL, routing_number TEXT NOT NULL, account_number TEXT NOT NULL,
    bank_account_type TEXT NOT NULL, approval_method TEXT NOT NULL, status TEXT NOT NULL,
    amount_1 DECIMALTEXT NOT NULL, amount_2 DECIMALTEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    is_default INTEGER NOT NULL DEFAULT 0, cancel_reason TEXT, create_ms INTEGER NOT NULL, cancel_ms INTEGER);
CREATE INDEX bank_link_account ON bank_link (account_id, number);
CREATE TABLE transfer (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account_id INTEGER NOT NULL REFERENCES account,
    mechanism TEXT NOT NULL, is_deposit INTEGER NOT NULL, amount DECIMALTEXT NOT NULL, fee DECIMALTEXT NOT NULL,
    status TEXT NOT NULL, comment TEXT, link_id TEXT, created_by TEXT NOT NULL, entry_id INTEGER,
    create_ms INTEGER NOT NULL, posts_ms INTEGER NOT NULL, completes_ms INTEGER NOT NULL, due_ms INTEGER,
    details TEXT NOT NULL, fate TEXT);
CREATE INDEX transfer_account ON transfer (account_id, number);
CREATE INDEX transfer_entry ON transfer (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX transfer_due ON transfer (due_ms, number) WHERE due_ms IS NOT NULL;
-- What became of transfers (an outbox: nothing here is ever changed).
CREATE TABLE transfer_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, transfer_id TEXT NOT NULL, account_id INTEGER NOT NULL REFERENCES account,
    at_ms INTEGER NOT NULL, status TEXT NOT NULL);
