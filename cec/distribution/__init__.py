"""Who gets which appeal: lanes, capacity, offers."""
