"""Programs of others that work with the centre: keys by which they are known, what they may do, events for them."""
