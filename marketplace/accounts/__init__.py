"""People: sign-up, sign-in, second factor, roles, sessions."""
