"""Forms of pages as a browser would send them: what they hold, with what a person changes."""

from lxml import html


def filled(page, **changes):
    """What the largest form of a page would send, with these fields instead of theirs; None unticks a box."""
    forms = html.fromstring(page).forms
    form = max(forms, key=lambda each: len(each.form_values()))
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    for name, value in changes.items():
        field = name.replace("__", "-")
        if value is None:
            sent.pop(field, None)
        else:
            sent[field] = value if isinstance(value, list) else [str(value)]
    return sent


def changer(window, folder):
    """Make a function that changes fields of a thing's page in this folder as a person does."""

    def act(thing, **changes):
        page = f"{folder}/{thing.id}"
        return window.post(page, data=filled(window.get(page).text, **changes))

    return act
