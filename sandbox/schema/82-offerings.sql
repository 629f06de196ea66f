-- New issues: when orders for each are taken, and which accounts follow it.
CREATE TABLE offering (reference TEXT PRIMARY KEY, opens_ms INTEGER NOT NULL, closes_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE offering_follower (
    account_id INTEGER NOT NULL REFERENCES account, reference TEXT NOT NULL REFERENCES offering,
    since_ms INTEGER NOT NULL, PRIMARY KEY (account_id, reference)) WITHOUT ROWID;
