"""AutoShares in a box: OAuth, REST and an exchange, as a program of its own. It imports nothing of the application."""
