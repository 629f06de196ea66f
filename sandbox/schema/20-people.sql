-- Applications that may call, and the people who sign in.
CREATE TABLE app (
    client_id TEXT PRIMARY KEY, name TEXT NOT NULL, host TEXT NOT NULL, client_secret TEXT NOT NULL,
    app_key_secret TEXT NOT NULL UNIQUE, app_key_publishable TEXT NOT NULL,
    redirect_uris TEXT NOT NULL, logout_uris TEXT NOT NULL,
    refresh_enabled INTEGER NOT NULL, rotation INTEGER NOT NULL DEFAULT 0,
    access_ttl_seconds INTEGER NOT NULL DEFAULT 86400, active INTEGER NOT NULL DEFAULT 1);
CREATE TABLE user (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, login TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    is_demo INTEGER NOT NULL DEFAULT 0, added_ms INTEGER NOT NULL);
