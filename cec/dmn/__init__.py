"""DMN, the decision tables of the standard: read, checked, decided, written; knows no table by name."""
