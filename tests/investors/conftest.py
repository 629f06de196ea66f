from tests.investors.signing_in import sign_in, walk

__all__ = ["sign_in", "walk"]
