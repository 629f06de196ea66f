-- Sessions of the streamers, one per access token and server. Moments are those of the real clock.
CREATE TABLE stream_session (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id INTEGER NOT NULL REFERENCES user, token_hash TEXT NOT NULL,
    recovered INTEGER NOT NULL DEFAULT 0, dropped_ms INTEGER, subscriptions TEXT NOT NULL DEFAULT '[]',
    UNIQUE (token_hash, kind));
