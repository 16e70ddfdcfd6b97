"""People who turn to us, and the addresses they write from."""
