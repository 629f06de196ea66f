"""The page at `/`: accounts, orders and prices for a person to look at, and to move."""
