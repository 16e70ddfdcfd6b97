"""The letters that others collected, and ports that nobody has."""

import socket
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpora(repository) -> Path:
    folder = repository.parent / "shared" / "corpora"
    if not folder.exists():
        pytest.skip("the corpora are not beside the repository (../shared/corpora)")
    return folder


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
