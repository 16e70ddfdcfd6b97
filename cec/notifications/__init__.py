"""What the system tells its users: facts of the journal, and announcements. Nobody below knows that it is told."""
