"""Business administrator's workplace (guide 5)."""
