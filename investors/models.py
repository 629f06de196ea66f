"""People and what connects them to AutoShares; the rooms of this app define the models."""

from investors.accounts.models import AccountLink, TradingAccount
from investors.grants.models import Grant
from investors.people import User
from investors.sessions import BrowserSession

__all__ = ["AccountLink", "BrowserSession", "Grant", "TradingAccount", "User"]
