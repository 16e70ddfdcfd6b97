"""First floor: which decision tables there are, their drafts, versions and scenarios, and what they say now."""
