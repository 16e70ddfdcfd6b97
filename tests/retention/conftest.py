"""A file store of its own for each test."""

from pathlib import Path

import pytest
from flask import Flask


@pytest.fixture(autouse=True)
def _own_shelves(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file of another test lie here."""
    monkeypatch.setitem(app.config, "CEC_FILES", tmp_path / "files")
