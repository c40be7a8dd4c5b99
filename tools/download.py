"""Asks pip what an install would fetch, and the package registry how large that is."""

from __future__ import annotations

import http.client
import json
import subprocess
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

LISTED = 8  # how many of the largest packages are named
_TALKATIVE_PIP = "pip>=25.1"  # older ones fetch whole packages to find out what they would fetch


@dataclass(frozen=True)
class Package:
    """A package that would be installed: where it comes from and its size in bytes, if known."""

    name: str
    version: str
    url: str
    size: int | None

    @property
    def local(self) -> bool:
        """Whether it lies on this machine already."""
        return self.url.startswith("file:")


def size_of(url: str) -> int | None:
    """Return the size in bytes of what a URL points at; None if nobody tells."""
    try:
        if url.startswith("file:"):
            return Path(urllib.request.url2pathname(urllib.parse.urlsplit(url).path)).stat().st_size
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.headers["Content-Length"])
    except (OSError, ValueError, TypeError, http.client.HTTPException):
        return None


def plan(python: Path, wanted: list[str], report: Path, *flags: str) -> list[Package] | None:
    """Return what pip would install, largest first and sizes unknown; None if it cannot tell."""
    command = [
        *(str(python), "-m", "pip", "--disable-pip-version-check", "install"),
        *("--dry-run", "-qq", "--report", str(report), *flags, *wanted),
    ]
    # Offline this is only a question; its complaint would mislead.
    errors = subprocess.DEVNULL if "--no-index" in flags else None
    if subprocess.run(command, stdin=subprocess.DEVNULL, stderr=errors, check=False).returncode:
        return None
    try:
        items = json.loads(report.read_text())["install"]
        return [
            Package(
                item["metadata"]["name"],
                item["metadata"]["version"],
                item["download_info"]["url"],
                None,
            )
            for item in items
        ]
    except (OSError, ValueError, KeyError):
        return None
    finally:
        report.unlink(missing_ok=True)


def measured(packages: list[Package]) -> list[Package]:
    """Return the packages with their sizes, largest first; unknown ones stand in front."""
    with ThreadPoolExecutor(8) as pool:
        sizes = list(pool.map(size_of, [package.url for package in packages]))
    sized = [Package(p.name, p.version, p.url, s) for p, s in zip(packages, sizes, strict=True)]
    return sorted(sized, key=lambda p: (p.size is not None, -(p.size or 0), p.name))


def megabytes(size: int | None) -> str:
    """Spell a size in bytes."""
    return "size unknown" if size is None else f"{size / 1e6:.1f} MB"


def summary(packages: list[Package]) -> str:
    """Say in a few lines what will be downloaded and how large it is."""
    fetched = [p for p in packages if not p.local]
    unknown = sum(p.size is None for p in fetched)
    lines = [
        f"To install: {len(packages)} packages; to download at most: "
        + megabytes(sum(p.size or 0 for p in fetched))
        + (f" and {unknown} of unknown size" if unknown else "")
    ]
    for package in packages[:LISTED]:
        here = ", already on this machine" if package.local else ""
        lines.append(f"  {package.name} {package.version}: {megabytes(package.size)}{here}")
    if len(packages) > LISTED:
        rest = sum(package.size or 0 for package in packages[LISTED:])
        lines.append(f"  {len(packages) - LISTED} others: {megabytes(rest)}")
    if any(p.name.startswith("nvidia-") for p in fetched):
        lines.append("Most of it is for NVIDIA GPUs; README.md says how to bring a CPU-only torch.")
    return "\n".join(lines)


def announce(python: Path, wanted: list[str], folder: Path) -> list[str] | None:
    """Print what will be downloaded.

    Args:
        python: the virtual environment's interpreter.
        wanted: pip's arguments, requirement and constraint files.
        folder: where pip's report may lie for a moment.

    Returns:
        What to install, as ``name==version``; empty if everything is there; None if this pip
        cannot tell beforehand.
    """
    report = folder / "report.json"
    if plan(python, wanted, report, "--no-index") == []:
        return []
    print(
        "Asking the package registry what is missing (an old pip is renewed first, 2 MB)",
        flush=True,
    )
    upgrade = [str(python), "-m", "pip", "install", "-qq", _TALKATIVE_PIP]
    packages = None
    if subprocess.run(upgrade, stdin=subprocess.DEVNULL, check=False).returncode == 0:
        packages = plan(python, wanted, report)
    if packages is None:
        print("This pip cannot tell what it will download; sizes show as it goes", flush=True)
        return None
    print(summary(measured(packages)), flush=True)
    return [f"{package.name}=={package.version}" for package in packages]
