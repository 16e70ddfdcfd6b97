"""How long the centre keeps what, and how it forgets: what has had its term, and a client who asks for it."""
