"""The entry: settings are checked, importing starts nothing, signals end it cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from running import running_app
from standin import free_port

from app import Settings, SettingsError, read_settings

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("env", "host", "port"),
    [
        ({}, "127.0.0.1", 7860),
        ({"VIDGEN_HOST": "0.0.0.0", "VIDGEN_PORT": "8000"}, "0.0.0.0", 8000),
        ({"VIDGEN_HOST": " ", "VIDGEN_PORT": ""}, "127.0.0.1", 7860),
        ({"GRADIO_SERVER_NAME": "::1", "GRADIO_SERVER_PORT": "1"}, "::1", 1),
        ({"GRADIO_SERVER_NAME": "::1", "VIDGEN_HOST": "localhost"}, "localhost", 7860),
        ({"SYSTEM": "spaces"}, "0.0.0.0", 7860),
        (
            {"SYSTEM": "spaces", "GRADIO_SERVER_NAME": "10.0.0.1", "VIDGEN_HOST": "127.0.0.1"},
            "10.0.0.1",
            7860,
        ),
        ({"SYSTEM": "spaces", "VIDGEN_PORT": "65535"}, "0.0.0.0", 65535),
    ],
)
def test_settings_have_defaults_and_a_space_has_its_own(env, host, port):
    assert read_settings(env) == Settings(host, port, mcp=False)


def test_models_may_call_only_where_somebody_said_so():
    for value, mcp in ((None, False), ("", False), ("0", False), (" 1 ", True)):
        assert read_settings({} if value is None else {"VIDGEN_MCP": value}).mcp is mcp
    assert not read_settings({"GRADIO_MCP_SERVER": "True"}).mcp


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("VIDGEN_PORT", "0"),
        ("VIDGEN_PORT", "65536"),
        ("VIDGEN_PORT", "80a"),
        ("VIDGEN_PORT", "-1"),
        ("VIDGEN_PORT", "٨٠"),
        ("GRADIO_SERVER_PORT", "9" * 5000),
        ("VIDGEN_HOST", "http://here"),
        ("VIDGEN_HOST", "a b"),
        ("VIDGEN_HOST", "hé"),
        ("VIDGEN_HOST", "h" * 300),
        ("VIDGEN_MCP", "yes"),
        ("VIDGEN_MCP", "2" * 300),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_is_legal(key, value):
    with pytest.raises(SettingsError, match=f"^{key} is .*; legal is") as caught:
        read_settings({key: value})
    assert len(str(caught.value)) < 250


def test_the_page_needs_no_torch_and_importing_the_entry_nothing_at_all():
    code = (
        "import sys, app; assert 'gradio' not in sys.modules and 'numpy' not in sys.modules;"
        "import vidgen.ui.page, vidgen.service, vidgen.hub, vidgen.catalogue;"
        "assert 'torch' not in sys.modules, 'torch is imported'"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_bad_setting_ends_the_program_with_a_message():
    env = {**os.environ, "VIDGEN_PORT": "many"}
    ended = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert ended.stderr.strip() == (
        "VIDGEN_PORT is 'many'; legal is a whole number from 1 to 65535"
    )


def test_without_the_package_for_models_the_program_says_what_to_install():
    code = (
        "import sys; sys.modules['mcp'] = None; import app; "
        f"app.read_settings = lambda env: app.Settings('127.0.0.1', {free_port()}, mcp=True); "
        "sys.exit(app.main())"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 2, ended.stderr
    assert "VIDGEN_MCP is 1: " in ended.stderr and "pip install gradio[mcp]" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path, number):
    with running_app(tmp_path) as app:
        with urllib.request.urlopen(f"{app.address}/start") as answer:
            assert b'"lively"' in answer.read()
        app.process.send_signal(number)
        assert app.process.wait(120) == 0
    assert not app.faults()


def test_a_port_that_is_taken_is_told(tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        env = {**os.environ, "VIDGEN_PORT": str(taken.getsockname()[1])}
        ended = subprocess.run(
            [sys.executable, "app.py"], cwd=ROOT, env=env, capture_output=True, text=True
        )
    assert ended.returncode == 1
    assert "cannot be served" in ended.stderr and "Traceback" not in ended.stderr
