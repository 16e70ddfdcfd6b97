"""How people are called where there is little room."""


def first(name: str) -> str:
    """Give the first name: what clients see of an operator."""
    return name.split(maxsplit=1)[0]


def initials(name: str) -> str:
    """Give two letters for a face."""
    return "".join(word[0] for word in name.split()[:2]).upper()
