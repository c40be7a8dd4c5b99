"""Which Chromium is found: the one that is named, else one that really starts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools import chromium as finder


def browser(folder: Path, name: str, says: str = "Chromium 1.2.3", status: int = 0) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def only(tmp_path, monkeypatch) -> Path:
    """A folder that is all of PATH; no browser of this machine is in sight."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("VIDGEN_CHROMIUM", raising=False)
    monkeypatch.setattr(finder, "_MAC", "")
    monkeypatch.setattr(finder, "of_playwright", lambda: None)
    return tmp_path


def test_the_first_that_starts_is_found(only):
    browser(only, "chromium", "install the snap first", 1)
    browser(only, "chromium-browser", "something else")
    path = browser(only, "google-chrome", "Google Chrome 1.2.3")
    assert finder.find() == str(path)


def test_the_one_without_windows_comes_first(only):
    browser(only, "chromium")
    assert finder.find() == str(only / "chromium")
    shell = browser(only, "chromium-headless-shell")
    assert finder.find() == str(shell)


def test_playwrights_own_comes_last(only, monkeypatch):
    path = browser(only, "of-playwright")
    monkeypatch.setattr(finder, "of_playwright", lambda: str(path))
    assert finder.find() == str(path)
    system = browser(only, "chromium")
    assert finder.find() == str(system)


def test_the_named_one_or_none(only, monkeypatch):
    browser(only, "chromium")
    monkeypatch.setenv("VIDGEN_CHROMIUM", str(only / "gone"))
    assert finder.find() is None
    named = browser(only, "mine")
    monkeypatch.setenv("VIDGEN_CHROMIUM", str(named))
    assert finder.find() == str(named)


def test_none_says_what_to_do_and_fails(only, monkeypatch, capsys):
    steps: list[list[str]] = []
    monkeypatch.setattr(finder.subprocess, "run", lambda words, **_: steps.append(words))
    monkeypatch.setattr(finder, "find", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert finder.main() == 1
    assert [words[-2:] for words in steps] == [["install", "chromium"]]  # no apt-get unless root
    said = capsys.readouterr()
    assert said.out == "" and "apt-get install chromium" in said.err


def test_root_installs_from_apt_first(only, monkeypatch, capsys):
    browser(only, "apt-get")
    found = iter([None, None, None, "/usr/bin/chromium"])  # this apt has no shell
    steps: list[list[str]] = []
    monkeypatch.setattr(finder.subprocess, "run", lambda words, **_: steps.append(words))
    monkeypatch.setattr(finder, "find", lambda: next(found))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert finder.main() == 0
    assert [words[1] for words in steps] == ["update", "install", "install"]
    assert [words[-1] for words in steps[1:]] == ["chromium-headless-shell", "chromium"]
    assert capsys.readouterr().out.strip() == "/usr/bin/chromium"
