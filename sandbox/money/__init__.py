"""Money: what was booked in an account, its bank links, and the transfers over them."""
