"""Where the diagrams, forms, tables and pages of this version lie: in the repository, or packed in the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def folder(name: str) -> Path:
    """Tell where a folder of the repository lies."""
    packed = _PACKAGE / "shipped" / name
    return packed if packed.exists() else _PACKAGE.parent / name
