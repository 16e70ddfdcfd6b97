"""Ways to reach us: accounts, what came in through them, and how an answer goes out."""
