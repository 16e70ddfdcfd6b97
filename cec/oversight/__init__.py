"""Who did what in the centre (журнал действий): changed settings, looked at what is not his own, came in, forgot."""
