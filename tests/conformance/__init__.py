"""The contract, checked by somebody else's judge: schemathesis sends, the published description decides.

`make conformance` runs it over every operation; what may differ from the contract is listed in `docs/contract.md`.
"""
