-- Applications that may call, and the people who sign in.
CREATE TABLE app (
    client_id TEXT PRIMARY KEY, name TEXT NOT NULL, host TEXT NOT NULL, client_secret TEXT NOT NULL,
    app_key_secret TEXT NOT NULL UNIQUE, app_key_publishable TEXT NOT NULL,
    redirect_uris TEXT NOT NULL, logout_uris TEXT NOT NULL,
    refresh_enabled INTEGER NOT NULL, rotation INTEGER NOT NULL DEFAULT 0,
    access_ttl_seconds INTEGER NOT NULL DEFAULT 86400, active INTEGER NOT NULL DEFAULT 1);
CREATE TABLE user (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, login TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password TEXT NOT NULL, password_expired INTEGER NOT NULL DEFAULT 0,
    first_name TEXT NOT NULL, middle_name TEXT, last_name TEXT NOT NULL,
    salutation TEXT NOT NULL DEFAULT 'NoSalutation', suffix TEXT NOT NULL DEFAULT 'NoSuffix',
    birth_ms INTEGER, phone TEXT, street TEXT, street2 TEXT, city TEXT, state_id INTEGER, postal_code TEXT,
    country_id INTEGER, time_zone TEXT NOT NULL DEFAULT 'Eastern Standard Time',
    two_factor INTEGER NOT NULL DEFAULT 0, pin_asked INTEGER NOT NULL DEFAULT 0, pin TEXT, pin_image TEXT,
    personal_phrase TEXT, question_id INTEGER, answer TEXT, trading_settings TEXT, selected_account INTEGER,
    administrator INTEGER NOT NULL DEFAULT 0, pro_trader INTEGER NOT NULL DEFAULT 0,
    email_confirmed INTEGER NOT NULL DEFAULT 1, enabled INTEGER NOT NULL DEFAULT 1,
    is_demo INTEGER NOT NULL DEFAULT 0, added_ms INTEGER NOT NULL);
-- Half of a sign-in with more than one step, and codes and tokens that were sent by mail. Both on the real clock.
CREATE TABLE login_ticket (
    hash TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES user, client_id TEXT NOT NULL REFERENCES app,
    step TEXT NOT NULL, code TEXT, attempts_left INTEGER NOT NULL, expires_ms INTEGER NOT NULL);
CREATE INDEX login_ticket_user ON login_ticket (user_id);
CREATE TABLE confirmation (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES user,
    purpose TEXT NOT NULL, expires_ms INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE INDEX confirmation_user ON confirmation (user_id);
-- Mail that would have been sent.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, recipient TEXT NOT NULL COLLATE NOCASE, kind TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX mail_recipient ON mail (recipient);
