"""Every way a sign-in can end without one: what happened, what to do, and the status that says so."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from brokers.middleware import BrokerRequest


@dataclass(frozen=True)
class Problem:
    """A page. `act` is the label of the one button, which begins again."""

    name: str
    status: int
    title: str
    happened: str
    advice: str
    act: str = "Try again"


DENIED = Problem(
    "denied",
    403,
    "You did not give your consent",
    "AutoShares asked whether we may act for you, and the answer was no. Nothing was shared; you are not signed in.",
    "Without that consent we cannot show your accounts. You can try again and agree, or leave it at that.",
)
STATE_UNKNOWN = Problem(
    "state-unknown",
    400,
    "This sign-in was not begun here",
    "The link belongs to another browser, or it was used already. For your safety it does not sign anyone in.",
    "Begin again in this browser. If it keeps happening, allow cookies for this site.",
    "Sign in",
)
STATE_EXPIRED = Problem(
    "state-expired",
    400,
    "This sign-in took too long",
    "A sign-in has to be finished within ten minutes. This one was older, so it was dropped.",
    "Begin again; it is quick when AutoShares still knows you.",
)
CODE_REFUSED = Problem(
    "code-refused",
    400,
    "This sign-in is not valid any more",
    "AutoShares did not accept the code that your browser brought back: it is older than ten minutes, or was used.",
    "Begin again; you will get a fresh one.",
)
ISSUER_WRONG = Problem(
    "issuer-wrong",
    400,
    "The answer did not come from AutoShares",
    "Your browser came back with an answer that names another sign-in server. We did not use it.",
    "Begin again from here. If it happens twice, write to us before you type a password anywhere.",
)
IDENTITY_INVALID = Problem(
    "identity-invalid",
    502,
    "We could not make sure that it is you",
    "The proof of identity that came from AutoShares did not pass our checks. We did not use it.",
    "Begin again. If it happens twice, write to us.",
)
REFUSED = Problem(
    "refused",
    502,
    "AutoShares did not finish the sign-in",
    "AutoShares sent your browser back without signing you in, and did not say more than that.",
    "Begin again in a moment.",
)
UNREACHABLE = Problem(
    "unreachable",
    503,
    "AutoShares does not answer",
    "Signing in happens at AutoShares, and it does not answer at the moment. Your accounts there are not affected.",
    "Wait a minute, then try again.",
)
BUSY = Problem(
    "busy",
    503,
    "Many people are signing in right now",
    "AutoShares takes only so many sign-ins a minute, and this minute is full. Your accounts there are not affected.",
    "Wait a minute, then try again.",
)
MISCONFIGURED = Problem(
    "misconfigured",
    503,
    "Signing in is not possible right now",
    "Our connection to AutoShares is not set up correctly. The fault is ours, and it has been reported.",
    "Please come back later.",
)
INACTIVE = Problem(
    "inactive",
    403,
    "Your access is switched off",
    "AutoShares knows you, but your access to this site has been switched off.",
    "Write to us if you think that this is a mistake.",
)


class SignInEnded(Exception):
    """The sign-in is over; `problem` is the page that says why, `next` where the investor wanted to go."""

    def __init__(self, problem: Problem, next_url: str | None = None) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.next_url = next_url


def draw_problem(request: BrokerRequest, problem: Problem, next_url: str | None = None) -> HttpResponse:
    context = {"problem": problem, "next": next_url}
    response = render(request, "investors/sign_in_problem.html", context, status=problem.status)
    if problem in {UNREACHABLE, BUSY}:
        response["Retry-After"] = "60"
    return response
