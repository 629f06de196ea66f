"""How Sharefront is brought up and kept: local start, vendored files."""
