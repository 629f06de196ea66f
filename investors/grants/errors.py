"""Why we cannot speak to AutoShares for an investor.

    GrantEnded            only the investor can renew it, by signing in again
    └── GrantUnreachable  it will renew itself: AutoShares does not answer, or asks us to wait

`user_message` is a sentence for the investor's screen.
"""


class GrantEnded(Exception):
    user_message = "Your AutoShares connection has ended. Reconnect and carry on; nothing is lost."


class GrantUnreachable(GrantEnded):
    user_message = "AutoShares does not answer at the moment. We keep trying; nothing is lost."
