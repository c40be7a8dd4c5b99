"""The lists of releases are borders: what is not legal is left out and said, the rest is used."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_release import FILE, SHA256, kinds, names, ship_tiny

from vidgen.config import ConfigError
from vidgen.hub import HubError, HubPin, Row, open_shelf
from vidgen.index import MAX_PINS, read_index, read_pins, write_row
from vidgen.notes import SENTENCES

REVISION = "0123456789" * 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


@pytest.fixture
def row(folder: Path) -> Row:
    """Fill the folder with one release, "tiny", and return its row."""
    return ship_tiny(folder)


def test_one_bad_row_does_not_cost_the_others(folder: Path, row: Row) -> None:
    good = json.loads((folder / "index.json").read_text(encoding="utf-8"))["releases"][0]
    bad = [
        {"name": "../up"},
        {"name": "owner/tiny"},
        {"name": "tiny"},
        {"name": "b", "file": "../tiny.safetensors"},
        {"name": "b", "sha256": "f" * 63},
        {"name": "b", "bytes": True},
        {"name": "b", "bytes": 10**12},
        {"name": "b", "fps": float("nan")},
        {"name": "b", "title": {"en": "<b>", "zh": "b"}},
        {"name": "b", "classes": []},
        {"name": "b", "clip": {"frames": 4, "channels": 2, "height": 16, "width": 16}},
        {"name": "b", "hub": {"repo_id": "a/b", "revision": "main", "filename": "x"}},
        {"name": "b", "file": None},
        {"name": "b", "surprise": 1},
    ]
    rows = [good, *({**good, **change} for change in bad), 7]
    document = json.dumps({"format": 1, "releases": rows})
    (folder / "index.json").write_text(document, encoding="utf-8")
    shelf = open_shelf(folder, "")
    assert names(shelf) == ["tiny"]
    assert kinds(shelf) == ["bad-row"] * (len(bad) + 1)


def test_missing_and_damaged_files_are_told_apart(folder: Path, row: Row) -> None:
    write_row(folder, replace(row, name="gone", file="gone.safetensors"))
    write_row(folder, replace(row, name="wrong", sha256="1" * 64))
    shelf = open_shelf(folder, "")
    assert names(shelf) == ["tiny"]
    assert [(note.kind, note.name) for note in shelf.notes()] == [
        ("missing", "gone"),
        ("damaged", "wrong"),
    ]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"format": 2, "releases": []}', "[" * 10**5])
def test_an_index_that_cannot_be_read_is_said_and_never_overwritten(
    folder: Path, row: Row, text: str | None
) -> None:
    if text is None:
        (folder / "index.json").unlink()
    else:
        (folder / "index.json").write_text(text, encoding="utf-8")
    shelf = open_shelf(folder, "")
    assert (names(shelf), kinds(shelf)) == ([], ["no-index"])
    if text is not None:
        with pytest.raises(ValueError, match="is not rewritten"):
            write_row(folder, row)
        assert (folder / "index.json").read_text(encoding="utf-8") == text


def test_a_row_is_added_or_replaced_and_read_back(folder: Path, row: Row) -> None:
    other = replace(row, name="other", hub=HubPin("owner/tiny", REVISION))
    write_row(folder, other)
    longer = replace(row, max_frames=32, family="vgan", loops=False, motion=False,
                     parts=("mask", "8"), parameters=7)  # fmt: skip
    write_row(folder, longer)
    assert read_index(folder) == ([longer, other], [])
    assert sorted(path.name for path in folder.iterdir()) == ["index.json", "tiny.safetensors"]


@pytest.mark.parametrize(
    "change",
    [
        {"family": "Vgan"}, {"family": None}, {"loops": 1}, {"motion": "true"},
        {"parts": "mask"}, {"parts": ["<b>"]}, {"parts": [3]}, {"parts": None},
        {"parameters": -1}, {"parameters": True}, {"parameters": 10**12},
    ],
)  # fmt: skip
def test_what_no_family_is_makes_no_row(row: Row, change: dict) -> None:
    assert Row.from_dict(json.loads(json.dumps(row.to_dict()))) == row
    with pytest.raises(ConfigError, match=f"{next(iter(change))} is .*; legal is"):
        Row.from_dict(json.loads(json.dumps({**row.to_dict(), **change})))


def test_a_file_that_changes_on_disk_is_taken_off_the_shelf(folder: Path, row: Row) -> None:
    shelf = open_shelf(folder, "")
    path = shelf.path("tiny")
    os.utime(path, (1, 1))
    assert shelf.path("tiny") == path  # touched, but the same
    path.write_bytes(FILE[:-1] + b"x")
    for _ in range(2):
        with pytest.raises(HubError, match="changed on disk"):
            shelf.path("tiny")
    assert (names(shelf), kinds(shelf)) == ([], ["changed"])


def test_an_unknown_release_is_refused_by_name(folder: Path, row: Row) -> None:
    with pytest.raises(HubError, match="no release 'nope'; there are tiny"):
        open_shelf(folder, "").path("nope")


def test_pins_are_read_and_what_is_not_legal_names_variable_value_and_form() -> None:
    good = [f"owner/name@{REVISION}", f"o.w-n_er/n@{REVISION}#{SHA256}"]
    bad = [
        "owner/name",
        "owner/name@main",
        f"owner/name@{REVISION[:-1]}",
        f"owner/name@{REVISION.upper().replace('0', 'A')}",
        f"name@{REVISION}",
        f"a/b/c@{REVISION}",
        f"../name@{REVISION}",
        f"owner/na--me@{REVISION}",
        f"owner/name.git@{REVISION}",
        f"owner/name@{REVISION}#",
        f"owner/name@{REVISION}#{SHA256[1:]}",
        good[0],
    ]
    pins, notes = read_pins(f" {good[0]} ,, {','.join([good[1], *bad])},")
    assert pins == [
        (HubPin("owner/name", REVISION), None),
        (HubPin("o.w-n_er/n", REVISION), SHA256),
    ]
    assert len(notes) == len(bad)
    for part, note in zip(bad, notes, strict=True):
        for text in (note.en, note.zh):
            assert all(word in text for word in ("VIDGEN_RELEASES", part, "owner/name@40-hex"))


def test_no_more_releases_are_named_than_a_page_can_hold() -> None:
    pins, notes = read_pins(",".join(f"owner/n{i}@{REVISION}" for i in range(MAX_PINS + 2)))
    assert (len(pins), len(notes)) == (MAX_PINS, 2)


def test_the_variable_is_read_and_two_revisions_of_one_repository_keep_apart(
    folder: Path, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = REVISION[::-1]
    monkeypatch.setenv("VIDGEN_RELEASES", f"owner/tiny@{REVISION},owner/tiny@{other},oops")
    shelf = open_shelf(folder)
    assert names(shelf) == ["tiny"]
    notes = {note.name: note.kind for note in shelf.notes()}
    assert notes == {
        "VIDGEN_RELEASES oops": "setting",
        "owner/tiny": "pending",
        f"owner/tiny@{other[:8]}": "pending",
    }


def test_both_languages_say_the_same_things() -> None:
    for en, zh in SENTENCES.values():
        fields = [
            {field for _, field, _, _ in string.Formatter().parse(text) if field}
            for text in (en, zh)
        ]
        assert fields[0] == fields[1]
        assert en.endswith((".", "{why}")) and zh.endswith(("。", "{why}"))  # or another's words


def test_opening_the_shelf_loads_neither_torch_nor_the_hub_client(folder: Path, row: Row) -> None:
    code = (
        "import sys; from pathlib import Path; from vidgen.hub import open_shelf;"
        f"open_shelf(Path({str(folder)!r}), 'owner/tiny@{REVISION}');"
        "print({'torch', 'huggingface_hub'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"


def test_rows_that_are_written_at_the_same_time_are_all_kept(folder: Path, row: Row) -> None:
    with ThreadPoolExecutor(8) as writers:  # each opens the folder, so each waits as a process does
        for number in range(24):
            writers.submit(write_row, folder, replace(row, name=f"tiny-{number}"))
    assert len(read_index(folder)[0]) == 25
    assert sorted(path.name for path in folder.iterdir()) == ["index.json", "tiny.safetensors"]
