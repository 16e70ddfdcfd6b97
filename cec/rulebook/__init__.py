"""First floor: judges decision tables; knows no table by name."""
