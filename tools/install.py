"""Makes .venv and installs what a target needs; tells beforehand what it will download.

``python -m tools.install demo`` or ``test``, from the repository's root. A torch that .venv
already has stays, if it is within the range of requirements.txt; else constraints.txt says which
one. An interrupted install is repaired by the next call; a finished one costs that call nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

from tools import download
from tools.venv import InstallError, Venv, create

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {"demo": "requirements.txt", "test": "requirements-dev.txt"}


def within(version: str, requirement: str) -> bool:
    """Tell whether a version lies in a range such as ``torch>=2.8,<2.15``."""

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", text.split("+")[0])[:3])

    low = re.search(r">=([\d.]+)", requirement)
    high = re.search(r"<([\d.]+)", requirement)
    assert low and high, requirement
    return numbers(low[1]) <= numbers(version) < numbers(high[1])


def constraints_for(root: Path, torch: str | None) -> str:
    """Return what holds torch in place: the one that is installed, else that of constraints.txt.

    Beside a torch that is kept, torchvision is left free: pip finds its partner.
    """
    requirement = re.search(r"^torch>=\S+", (root / "requirements.txt").read_text(), re.M)
    assert requirement, "requirements.txt has no range for torch"
    if torch and within(torch, requirement[0]):
        return f"torch=={torch}\n"
    return (root / "constraints.txt").read_text()


def key_of(root: Path, version: tuple[int, ...]) -> str:
    """Hash everything that decides what is installed."""
    digest = hashlib.sha256(repr(version).encode())
    for path in sorted([*root.glob("requirements*.txt"), root / "constraints.txt"]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def holds(stamp: Path, key: str, packages: set[str]) -> bool:
    """Tell whether a finished install for this key is still all there."""
    try:
        written = json.loads(stamp.read_text())
        return written["key"] == key and set(written["packages"]) <= packages
    except (OSError, ValueError, KeyError, TypeError):
        return False


def install(root: Path, target: str) -> None:
    """Bring .venv to where a target can run.

    Raises:
        InstallError: this Python is not legal, or pip failed.
    """
    folder = root / ".venv"
    venv = create(folder)
    stamp, key = folder / f"installed-{target}.json", key_of(root, venv.version)
    if holds(stamp, key, venv.packages()):
        return
    constraints = folder / "constraints.txt"
    constraints.write_text(constraints_for(root, venv.torch))
    wanted = ["-r", str(root / TARGETS[target]), "-c", str(constraints)]
    planned = download.announce(venv.python, wanted, folder)
    if planned != []:
        run_pip(venv, wanted if planned is None else ["--no-deps", *planned])
    stamp.write_text(json.dumps({"key": key, "packages": sorted(venv.packages())}))


def run_pip(venv: Venv, wanted: list[str]) -> None:
    """Install; raise InstallError where pip fails. Progress shows only on a terminal."""
    quiet = [] if sys.stdout.isatty() else ["-qq"]
    if venv.run_pip("install", *quiet, *wanted):
        raise InstallError(
            "pip failed; what stands above says why. The next call goes on from here"
        )


def main(arguments: list[str]) -> int:
    """Install for the target that is named; return the exit code."""
    if len(arguments) != 1 or arguments[0] not in TARGETS:
        print(f"usage: python -m tools.install {'|'.join(TARGETS)}", file=sys.stderr)
        return 2
    try:
        install(ROOT, arguments[0])
    except InstallError as error:
        print(f"vidgen: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nvidgen: stopped; the next call goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
