"""From a proven identity to our own rows: one user per person and broker, however many browsers come at once."""

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import transaction

from brokers.models import Broker
from investors.grants.storing import store_tokens
from investors.people import User

# "slug:subject" has to fit into a user name; AutoShares' subjects ("auth0|…") have some 30 characters.
LONGEST_SUBJECT = 140


def admit_investor(sociallogin, broker: Broker) -> User:
    """The investor that `sociallogin` proves, with today's names, and their tokens if they may come in.

    Known by the subject alone. An e-mail address proves nothing here: it never leads to another person's rows.
    `sociallogin.facts` holds the names from the proof, `.tokens` and `.obtained_at` what the exchange brought.
    """
    subject, facts = sociallogin.account.uid, sociallogin.facts
    with transaction.atomic():
        user, is_new = User.objects.get_or_create(
            username=f"{broker.slug}:{subject}",
            defaults=facts | {"broker": broker, "password": make_password(None)},
        )
        account, _is_new = SocialAccount.objects.get_or_create(
            provider=sociallogin.account.provider, uid=subject, defaults={"user": user}
        )
        if not is_new:
            _update(user, facts)
    sociallogin.account = account
    if user.is_active:
        store_tokens(user, sociallogin.tokens, obtained_at=sociallogin.obtained_at)
    return user


def _update(user: User, facts: dict[str, str]) -> None:
    changed = [name for name, value in facts.items() if value and getattr(user, name) != value]
    for name in changed:
        setattr(user, name, facts[name])
    if changed:
        user.save(update_fields=changed)
