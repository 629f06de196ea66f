"""The identity provider, in the conventions of Auth0: discovery, sign-in, consent, tokens, logout."""
