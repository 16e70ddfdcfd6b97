"""Where appeals wait: queues, and the rules that choose queue and points."""
