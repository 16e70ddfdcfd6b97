"""Ground floor: database, clock, journal, due work, live events and texts; knows nothing of contact centres."""
