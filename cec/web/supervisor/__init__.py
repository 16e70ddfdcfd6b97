"""Supervisor's workplace (guide 4)."""
