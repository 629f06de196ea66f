"""The market: securities, prices, sessions, balances, order entry and matching. It knows nothing of HTTP."""
