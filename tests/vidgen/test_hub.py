"""Releases are found, checked, and left out with a sentence when they can't be had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from loopback_hub import LoopbackHub
from tiny_release import FILE, SHA256, kinds, names, ship_tiny

from vidgen.fetch import Hub, time_for
from vidgen.hub import HubError, HubPin, Row, Shelf, open_shelf
from vidgen.index import read_index, write_row
from vidgen.release import MAX_FILE_BYTES


@pytest.fixture(params=["lfs", "regular"])
def server(request: pytest.FixtureRequest) -> Iterator[LoopbackHub]:
    with LoopbackHub(lfs=request.param == "lfs") as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoints folder with one release, "tiny"."""
    ship_tiny(tmp_path / "checkpoints")
    return tmp_path / "checkpoints"


def shipped_row(folder: Path) -> Row:
    return read_index(folder)[0][0]


def fetched(folder: Path, server: LoopbackHub, extra: str = "", patience: float = 20.0) -> Shelf:
    """Open a shelf, and wait until everything on it is settled."""
    shelf = open_shelf(folder, extra, Hub(server.url, folder.parent / "cache", patience))
    shelf.start()
    assert shelf.wait(60)
    return shelf


def test_a_release_from_the_hub_stands_beside_the_shipped_one(
    folder: Path, server: LoopbackHub
) -> None:
    revision = server.add("owner/tiny", model=FILE)
    shelf = fetched(folder, server, f"owner/tiny@{revision}#{SHA256}")
    assert names(shelf) == ["tiny", "owner/tiny"]
    assert [shelf.origin(name) for name in names(shelf)] == ["shipped", "hub"]
    assert shelf.notes() == []
    row = shelf.rows()[1]
    assert row == replace(
        shipped_row(folder),
        name="owner/tiny",
        title={"en": "Tiny (owner/tiny)", "zh": "小小 (owner/tiny)"},
        file=None,
        hub=HubPin("owner/tiny", revision),
    )
    assert shelf.path("owner/tiny").read_bytes() == FILE


def test_a_cached_release_asks_the_hub_nothing(folder: Path, server: LoopbackHub) -> None:
    pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
    fetched(folder, server, pin)
    server.log.clear()
    assert names(fetched(folder, server, pin)) == ["tiny", "owner/tiny"]
    assert server.log == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("500", "down"),
        ("429", "busy"),
        ("403", "refused"),
        ("slow", "slow"),
        ("drip", "slow"),
        ("truncated", "truncated"),
        ("corrupted", "corrupt"),
        ("html", "strange"),
    ],
)
def test_a_fault_leaves_out_one_release_and_the_next_attempt_heals(
    folder: Path, server: LoopbackHub, fault: str, kind: str
) -> None:
    pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
    server.fault = fault
    shelf = fetched(folder, server, pin, patience=0.3 if kind == "slow" else 20.0)
    assert names(shelf) == ["tiny"]
    assert kinds(shelf) == [kind]
    with pytest.raises(HubError, match="owner/tiny is left out") as caught:
        shelf.path("owner/tiny")
    assert caught.value.note == shelf.notes()[0]
    assert not list((folder.parent / "cache").rglob("blobs/*"))  # nothing bad stays behind
    server.fault = None
    shelf = open_shelf(folder, pin, Hub(server.url, folder.parent / "cache"))
    shelf.start()
    assert shelf.wait(60)
    assert names(shelf) == ["tiny", "owner/tiny"]
    assert shelf.notes() == []


def test_a_shelf_can_try_again(folder: Path, server: LoopbackHub) -> None:
    server.fault = "500"
    shelf = fetched(folder, server, f"owner/tiny@{server.add('owner/tiny', model=FILE)}")
    server.fault = None
    shelf.start()
    assert shelf.wait(60)
    assert names(shelf) == ["tiny", "owner/tiny"]


def test_a_connection_that_breaks_is_resumed(folder: Path, server: LoopbackHub) -> None:
    server.fault = "cut"
    shelf = fetched(folder, server, f"owner/tiny@{server.add('owner/tiny', model=FILE)}")
    assert names(shelf) == ["tiny", "owner/tiny"]


def test_what_the_hub_does_not_have_or_show_is_said(folder: Path, server: LoopbackHub) -> None:
    revision = server.add("owner/tiny", model=FILE)
    server.gated.add("owner/gated")
    pins = {
        f"owner/none@{revision}": "unknown-repo",
        f"owner/tiny@{'1' * 40}": "unknown-revision",
        f"owner/empty@{server.add('owner/empty', other=FILE)}": "unknown-file",
        f"owner/gated@{server.add('owner/gated', model=FILE)}": "gated",
        f"owner/other@{server.add('owner/other', model=b'no release')}": "no-release",
        f"owner/sum@{server.add('owner/sum', model=FILE)}#{'1' * 64}": "checksum",
    }
    shelf = fetched(folder, server, ",".join(pins))
    assert names(shelf) == ["tiny"]
    assert kinds(shelf) == list(pins.values())


def test_no_network_leaves_the_cache(folder: Path) -> None:
    with LoopbackHub() as server:
        pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
        fetched(folder, server, pin)
    shelf = fetched(folder, server, f"{pin},owner/cold@{'1' * 40}")
    assert names(shelf) == ["tiny", "owner/tiny"]
    assert kinds(shelf) == ["unreachable"]


def test_offline_mode_leaves_the_cache(
    folder: Path, server: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
    fetched(folder, server, pin)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    shelf = fetched(folder, server, f"{pin},owner/cold@{'1' * 40}")
    assert names(shelf) == ["tiny", "owner/tiny"]
    assert kinds(shelf) == ["offline"]


def test_a_gated_release_stays_usable_once_cached(folder: Path, server: LoopbackHub) -> None:
    pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
    fetched(folder, server, pin)
    server.gated.add("owner/tiny")
    assert names(fetched(folder, server, pin)) == ["tiny", "owner/tiny"]


def test_a_cached_copy_that_rots_is_fetched_again(folder: Path, server: LoopbackHub) -> None:
    pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
    path = fetched(folder, server, pin).path("owner/tiny")
    path.write_bytes(FILE[:-1] + b"x")
    assert fetched(folder, server, pin).path("owner/tiny").read_bytes() == FILE


def test_a_file_that_only_drips_is_given_up_and_may_still_come(
    folder: Path, server: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
    server.fault = "drip-file"
    with monkeypatch.context() as hurry:
        hurry.setattr("vidgen.fetch.time_for", lambda size: 1.0)
        shelf = fetched(folder, server, pin)
    assert (names(shelf), kinds(shelf)) == (["tiny"], ["late"])
    assert "10 kB" in shelf.notes()[0].en
    server.fault = None
    shelf.start()  # behind the download that was left behind, which now comes to its end
    assert shelf.wait(60)
    assert (names(shelf), shelf.notes()) == (["tiny", "owner/tiny"], [])


def test_a_slow_network_has_time() -> None:
    assert time_for(10_000_000) > 10_000_000 / 20_000  # 10 MB at 20 kB a second
    assert time_for(MAX_FILE_BYTES) < 24 * 3600


def test_a_slow_hub_does_not_hold_up_the_page(folder: Path) -> None:
    with LoopbackHub(fault="slow") as server:
        shelf = open_shelf(
            folder, f"owner/tiny@{'1' * 40}", Hub(server.url, folder.parent / "cache")
        )
        shelf.start()
        assert not shelf.wait(0.05)
        assert names(shelf) == ["tiny"]
        assert kinds(shelf) == ["pending"]


def test_a_damaged_shipped_file_is_replaced_from_the_hub(folder: Path, server: LoopbackHub) -> None:
    pin = HubPin("owner/tiny", server.add("owner/tiny", model=FILE))
    write_row(folder, replace(shipped_row(folder), hub=pin))
    (folder / "tiny.safetensors").write_bytes(FILE[:-1] + b"x")
    shelf = open_shelf(folder, "", Hub(server.url, folder.parent / "cache"))
    assert kinds(shelf) == ["damaged"]
    shelf.start()
    assert shelf.wait(60)
    assert (names(shelf), shelf.origin("tiny"), shelf.notes()) == (["tiny"], "hub", [])


def test_what_the_hub_says_is_wrong_or_too_large_is_not_downloaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackHub(lfs=True) as server:
        pin = f"owner/tiny@{server.add('owner/tiny', model=FILE)}"
        assert kinds(fetched(folder, server, f"{pin}#{'1' * 64}")) == ["checksum"]
        monkeypatch.setattr("vidgen.fetch.MAX_FILE_BYTES", len(FILE) - 1)
        assert kinds(fetched(folder, server, pin)) == ["too-large"]
        assert not [path for _, path in server.log if "/resolve/" in path]
