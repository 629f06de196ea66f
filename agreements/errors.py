"""What an investor is told when an agreement cannot be signed right now, as one tree.

AgreementError             `user_message` is for the screen, `status` for the reply
├── AgreementsUnknown      AutoShares did not say what is outstanding (503)
├── ConnectionEnded        the investor has to sign in again first
├── AgreementNotListed     AutoShares does not ask this investor for it (404)
├── AgreementMandatory     it cannot be put off
├── AgreementTextMissing   the broker has not published these words: nothing to agree to
├── AgreementChanged       other words than those that were shown would be signed
├── AgreementBeingSigned   another click of the same investor is on its way
├── SignatureRefused       AutoShares said no
└── SignatureUnconfirmed   nobody knows whether AutoShares has it; the signature is kept (503)
"""


class AgreementError(Exception):
    status = 409
    needs_reconnect = False
    user_message = "This could not be done."

    def __init__(self, user_message: str = "") -> None:
        self.user_message = user_message or self.user_message
        super().__init__(self.user_message)


class AgreementsUnknown(AgreementError):
    status = 503
    user_message = "AutoShares did not answer when we asked what you have to sign. We keep trying."


class ConnectionEnded(AgreementError):
    needs_reconnect = True
    user_message = "Your AutoShares connection has ended. Reconnect, then carry on here; nothing is lost."


class AgreementNotListed(AgreementError):
    status = 404
    user_message = "AutoShares does not ask you for this agreement."


class AgreementMandatory(AgreementError):
    user_message = "This agreement cannot be put off: trading opens once it is signed."


class AgreementTextMissing(AgreementError):
    user_message = "The words of this agreement have not been published yet, so there is nothing to sign."


class AgreementChanged(AgreementError):
    user_message = "This agreement has changed since you opened it. Nothing was signed: please read the new version."


class AgreementBeingSigned(AgreementError):
    user_message = "Your signature is being reported to AutoShares at this moment."


class SignatureRefused(AgreementError):
    user_message = "AutoShares did not accept the signature."


class SignatureUnconfirmed(AgreementError):
    status = 503
    user_message = (
        "AutoShares did not answer. Your signature is kept, and nothing is lost: "
        "we ask again by ourselves, and you may send it once more."
    )
