-- What the sandbox itself must remember.
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE signing_key (kid TEXT PRIMARY KEY, pem TEXT NOT NULL);
