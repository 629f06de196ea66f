-- Prices moved by hand.
CREATE TABLE price_override (
    id INTEGER PRIMARY KEY, symbol TEXT NOT NULL, from_ms INTEGER NOT NULL,
    bid DECIMALTEXT, ask DECIMALTEXT, last DECIMALTEXT, factor REAL NOT NULL);
