"""People and what connects them to AutoShares; the rooms of this app define the models."""

from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from investors.people import User

__all__ = ["AccountLink", "Grant", "TradingAccount", "User"]
