"""Finds a Chromium for the browser tests, or installs one.

``python -m tools.chromium`` in .venv, from the repository's root, prints its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# The shell, a Chromium without windows, opens a page in half the time.
SHELL, WHOLE = "chromium-headless-shell", "chromium"
NAMES = (SHELL, WHOLE, "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# In a process of its own, because Playwright may run only once in one.
_ASK = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
REMEDY = """No Chromium could be found or installed. Any of these helps:
  - install one named chromium or google-chrome (as root: apt-get install chromium)
  - .venv/bin/python -m playwright install --with-deps chromium
  - VIDGEN_CHROMIUM=/path/to/chromium make test"""


def starts(path: str) -> bool:
    """Tell whether this is a Chromium that runs here; a stub or one that lacks libraries is not."""
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return b"Chrom" in asked.stdout


def of_playwright() -> str | None:
    """Return where Playwright keeps its Chromium, there or not; None without Playwright."""
    asked = subprocess.run(
        [sys.executable, "-c", _ASK], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None


def find() -> str | None:
    """Return the path of a Chromium that runs: VIDGEN_CHROMIUM, the system's, Playwright's."""
    named = os.environ.get("VIDGEN_CHROMIUM")
    if named:
        return named if starts(named) else None
    for path in [*map(shutil.which, NAMES), _MAC]:
        if path and starts(path):
            return path
    path = of_playwright()
    return path if path and starts(path) else None


def install() -> str | None:
    """Install a Chromium, from apt when root, else from Playwright; return its path."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        print("Installing Chromium with apt-get (about 100 MB)", file=sys.stderr, flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        get = ["install", "-yqq", "--no-install-recommends"]
        for step in (["update", "-qq"], [*get, SHELL], [*get, WHOLE]):  # not all have the shell
            subprocess.run(
                ["apt-get", *step],
                env=quiet,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                check=False,
            )
            if found := find():
                return found
    print("Installing Playwright's Chromium (about 200 MB)", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "playwright", "install", *["--with-deps"] * root, "chromium"]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    return find()


def main() -> int:
    """Print the path of a Chromium; return 1 where none can be had."""
    path = find() or (None if os.environ.get("VIDGEN_CHROMIUM") else install())
    print(path or REMEDY, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
