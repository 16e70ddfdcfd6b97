"""Top floor: HTTP, one folder per workplace; thin."""
