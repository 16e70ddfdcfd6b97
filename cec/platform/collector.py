"""Python's garbage collector in a process that runs for days."""

import gc


def still() -> None:
    """Look at nothing while a program is loaded: all of that stays. `calm` ends it."""
    gc.disable()


def calm() -> None:
    """Let what is loaded by now stay unlooked at, and look less often at the rest: a request makes thousands of things.

    What is frozen before a process parts stays in the memory that its children share.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
