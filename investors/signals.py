"""What the rest of the house may want to hear about an investor. No receiver can break a sign-in."""

from django.dispatch import Signal

signed_in = Signal()
"""Sent with `request`, `user` and `client` at the end of every completed sign-in: grant and accounts are stored."""

accounts_linked = Signal()
"""Sent with `user` whenever the list of the investor's trading accounts has been read from AutoShares."""
