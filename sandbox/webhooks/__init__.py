"""Webhooks: what has happened, said to the applications, signed, and said again until somebody listens."""
