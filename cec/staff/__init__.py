"""People who work here: where, in which roles and groups, and whether they are at work."""
