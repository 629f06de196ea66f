"""Streams over WebSocket: sessions, subscriptions, and what is told to whom when something has changed."""
