"""The trading API: one client for one investor's token, with a group of calls per noun."""

import requests

from .accounts import Accounts
from .ach import Ach
from .agreements import Agreements
from .alerts import Alerts
from .equities import Equities
from .errors import AutoSharesError, Unauthorized
from .history import History
from .ipo import Ipo
from .limits import Limiter
from .login import Login
from .mutual_funds import MutualFunds
from .news import News
from .options import Options
from .orders import Orders, SyncOrders
from .positions import Positions
from .registration import AccountRequests, Registration
from .settings import Settings
from .streamers import Streamers
from .transactions import Activity, Transactions
from .transfers import Transfers
from .transport import Patience, Timeouts, Transport
from .users import Users
from .watchlists import Watchlists


class Client:
    """Calls AutoShares with an app key and an access token.

    `base_url` is taken as given and may end in /api: https://api.autoshares.dev, http://localhost:9100/api. Making
    a client costs nothing; connections are pooled per process, or kept in a `session` of
    `connections.new_session()`. Time-outs are seconds: to connect, and between two pieces of an answer. Reads are
    tried `patience.tries` times, anything else once. A `limiter` (`limits`) keeps calls back before AutoShares would
    refuse them; it counts by token, or by `caller`, who stays the same when tokens change. `in_background`: nobody
    waits for what is read, so it neither waits for its turn nor uses what is reserved for pages. Every call may raise
    the tree of `errors`.
    """

    def __init__(
        self,
        *,
        base_url: str,
        app_key: str,
        token: str = "",
        version: str = "1.0",
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        patience: Patience | None = None,
        session: requests.Session | None = None,
        limiter: Limiter | None = None,
        caller: str = "",
        in_background: bool = False,
    ) -> None:
        transport = Transport(
            base_url=base_url,
            app_key=app_key,
            token=token,
            version=version,
            timeouts=Timeouts(connect_timeout, read_timeout),
            patience=patience or Patience(),
            session=session,
            limiter=limiter,
            caller=caller,
            in_background=in_background,
        )
        self._transport = transport
        self.login = Login(transport)
        self.users = Users(transport)
        self.settings = Settings(transport)
        self.registration = Registration(transport)
        self.account_requests = AccountRequests(transport)
        self.accounts = Accounts(transport)
        self.agreements = Agreements(transport)
        self.equities = Equities(transport)
        self.options = Options(transport)
        self.history = History(transport)
        self.news = News(transport)
        self.watchlists = Watchlists(transport)
        self.alerts = Alerts(transport)
        self.orders = Orders(transport)
        self.sync_orders = SyncOrders(transport)
        self.positions = Positions(transport)
        self.transactions = Transactions(transport)
        self.activity = Activity(transport)
        self.ach = Ach(transport)
        self.transfers = Transfers(transport)
        self.streamers = Streamers(transport)
        self.mutual_funds = MutualFunds(transport)
        self.ipo = Ipo(transport)

    def is_signed_in(self) -> bool:
        """True if AutoShares still takes our token. One call.

        Tells an ended session from a foreign account after Unauthorized.concerns_account (API.md 3.3). Raises anything
        but Unauthorized: no answer is no verdict.
        """
        try:
            self.users.me()
        except Unauthorized:
            return False
        return True

    def logout(self) -> None:
        """End the token at AutoShares. POST /logout -> any 2xx. Sent once; a local sign-out must never wait for it."""
        self._transport.write("POST", "/logout")

    def health(self) -> bool:
        """True if the gateway answers GET /health with 2xx, False for anything else; never raises. Asked once."""
        try:
            self._transport.ping("/health")
        except AutoSharesError:
            return False
        return True
