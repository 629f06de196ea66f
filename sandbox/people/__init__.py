"""People: how they sign in, who they are, what they may use, and how they join."""
