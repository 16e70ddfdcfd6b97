"""Operator's workplace (guide 3): the list, the appeal, the conversation, the outcomes, the status."""
