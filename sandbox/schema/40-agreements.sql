-- What people are asked to sign.
CREATE TABLE agreement (
    id INTEGER PRIMARY KEY, type TEXT NOT NULL, title TEXT NOT NULL, version TEXT NOT NULL,
    can_skip INTEGER NOT NULL, current INTEGER NOT NULL DEFAULT 1);
CREATE TABLE user_agreement (
    user_id INTEGER NOT NULL REFERENCES user, agreement_id INTEGER NOT NULL REFERENCES agreement, signed_ms INTEGER,
    PRIMARY KEY (user_id, agreement_id)) WITHOUT ROWID;
