"""What the real vendor does not have: a plane from which tests and people steer the sandbox."""
