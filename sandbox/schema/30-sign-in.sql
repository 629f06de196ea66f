-- The identity provider: requests, sessions, consents, codes, tokens.
CREATE TABLE oauth_request (id TEXT PRIMARY KEY, params TEXT NOT NULL, created_ms INTEGER NOT NULL);
CREATE TABLE session (
    hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user, auth_ms INTEGER NOT NULL);
CREATE INDEX session_user ON session (user_id);
CREATE TABLE consent (
    user_id INTEGER NOT NULL REFERENCES user, client_id TEXT NOT NULL REFERENCES app, scope TEXT NOT NULL,
    PRIMARY KEY (user_id, client_id)) WITHOUT ROWID;
CREATE TABLE code (
    hash TEXT PRIMARY KEY, params TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES user,
    client_id TEXT NOT NULL REFERENCES app, auth_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE token (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, family TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES user,
    client_id TEXT NOT NULL REFERENCES app, scope TEXT NOT NULL, auth_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL,
    expires_ms INTEGER, revoked INTEGER NOT NULL DEFAULT 0);
CREATE INDEX token_family ON token (family);
CREATE INDEX token_user ON token (user_id);
