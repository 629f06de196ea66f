-- Requests to open an account, and what has become of them. form_data is what the applicant has filled in.
CREATE TABLE account_request (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, user_id INTEGER NOT NULL REFERENCES user,
    status TEXT NOT NULL, provider TEXT NOT NULL, provider_name TEXT, form_type TEXT NOT NULL, form_data TEXT,
    comment TEXT, account_id INTEGER REFERENCES account, created_ms INTEGER NOT NULL);
CREATE INDEX account_request_user ON account_request (user_id);
CREATE INDEX account_request_account ON account_request (account_id);
CREATE TABLE account_request_version (
    id INTEGER PRIMARY KEY, request_id TEXT NOT NULL REFERENCES account_request, status TEXT NOT NULL, comment TEXT,
    made_by TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE INDEX account_request_version_request ON account_request_version (request_id, id);
-- Accounts of the development sign-up: of the tax number only the end is kept.
CREATE TABLE clearing_application (
    user_id INTEGER NOT NULL REFERENCES user, account_type TEXT NOT NULL, account_id INTEGER NOT NULL REFERENCES account,
    ssn_end TEXT NOT NULL, PRIMARY KEY (user_id, account_type)) WITHOUT ROWID;
CREATE INDEX clearing_application_account ON clearing_application (account_id);
