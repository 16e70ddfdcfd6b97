"""Put cases that others collected through the product: a kind of cases is a module of this folder."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from flask import Flask

from cec import measuring, preparing
from cec.platform.errors import Refusal
from cec.platform.settings import Settings

# cec conformance mail FOLDER asks cec/conformance/mail.py.
KINDS = ("mail",)


class NoFolder(Refusal):
    """{folder} is no folder of cases."""


def measure(
    kind: str, folder: Path, settings: Settings, create: Callable[[Settings], Flask]
) -> Iterator[measuring.Figure]:
    """Put the cases of a folder through the product, in an empty centre of their own.

    :raises NoFolder: when there is none.
    """
    if not folder.is_dir():
        raise NoFolder(folder=str(folder))
    module = importlib.import_module(f"cec.conformance.{kind}")
    with ExitStack() as place:
        fresh = measuring.empty_centre(place, settings)
        app = create(fresh)
        preparing.prepare(app)
        yield from module.measure(folder, app)
