"""What clients ask of us, from the first message to the closing."""
