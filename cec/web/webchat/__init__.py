"""Doors of the web chat: what the widget on other sites asks for. Visitors show a signed token, sites their origin."""
