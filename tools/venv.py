"""Makes a virtual environment, looks into one, and repairs one that was left half-written."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST, NEWEST = (3, 10), (3, 12)  # Python's legal range, both ends included
_ASK = """
import json, sys, sysconfig
from importlib.metadata import PackageNotFoundError, version
def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
print(json.dumps({"python": sys.version_info[:3], "site": sysconfig.get_path("purelib"),
                  "torch": installed("torch"), "pip": installed("pip")}))
"""


class InstallError(Exception):
    """What went wrong, and the remedy."""


@dataclass(frozen=True)
class Venv:
    """A virtual environment as it is now: its interpreter, versions and package folder."""

    python: Path
    version: tuple[int, ...]
    site: Path
    torch: str | None
    pip: str | None

    def run_pip(self, *arguments: str) -> int:
        """Run its pip in the open and return the exit code."""
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode

    def packages(self) -> set[str]:
        """Return the installed packages with their versions, as pip's folder names spell them."""
        return {info.name for info in self.site.glob("*.dist-info")}


def refuse_version(version: tuple[int, ...], what: str, first: str = "") -> None:
    """Raise InstallError for a Python outside the legal range; name one that is at hand."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return
    found = [f"python3.{minor}" for minor in (12, 11, 10) if shutil.which(f"python3.{minor}")]
    remedy = f"{first}make demo PYTHON={found[0] if found else '/path/to/python3.12'}"
    spelled = ".".join(map(str, version[:3]))
    raise InstallError(f"{what} is Python {spelled}; vidgen needs 3.10 to 3.12. Try: {remedy}")


def inspect(folder: Path) -> Venv | None:
    """Describe the virtual environment in a folder; None where there is none that works."""
    python = folder / "bin" / "python"
    try:
        # -I: a PYTHONPATH or user site of the caller's must not be taken for the environment's.
        asked = subprocess.run([str(python), "-I", "-c", _ASK], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    facts = json.loads(asked.stdout)
    version = tuple(facts["python"])
    return Venv(python, version, Path(facts["site"]), facts["torch"], facts["pip"])


def repair(site: Path) -> list[str]:
    """Forget packages that an interrupted pip left half-written; return their names.

    pip writes INSTALLER and RECORD last, and sets a package that it is replacing aside under a
    name that begins with a tilde.
    """
    torn = [
        info
        for info in site.glob("*.dist-info")
        if not all((info / name).exists() for name in ("METADATA", "RECORD", "INSTALLER"))
    ]
    for leftover in [*torn, *site.glob("~*")]:
        shutil.rmtree(leftover, ignore_errors=True)
    return sorted(info.name.split("-")[0] for info in torn)


def create(folder: Path) -> Venv:
    """Return the virtual environment in a folder; make or repair what is missing or broken.

    Raises:
        InstallError: its Python is not legal, or it cannot be made.
    """
    venv = inspect(folder)
    if venv is None:
        refuse_version(sys.version_info[:3], sys.executable)
        print(f"Making a virtual environment in {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=False)
    else:
        refuse_version(venv.version, f"{folder}'s interpreter", first=f"rm -r {folder} && ")
        for name in repair(venv.site):
            print(f"{name} was only half installed; it will be installed again", flush=True)
        if not list(venv.site.glob("pip-*.dist-info")):
            subprocess.run([str(venv.python), "-m", "ensurepip", "--upgrade"], check=False)
    venv = inspect(folder)
    if venv is None or venv.pip is None:
        raise InstallError(
            f"no virtual environment with pip could be made in {folder}; what stands above says "
            "why. On Debian and Ubuntu: apt-get install python3-venv"
        )
    return venv
