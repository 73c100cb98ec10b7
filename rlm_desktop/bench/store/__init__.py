"""``bench store``: recording events, opening long runs, and the window while events stream into it."""
