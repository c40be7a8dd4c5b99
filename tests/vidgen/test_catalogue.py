"""Ready-made sheets: read back as written, and only for the release file that they were made of."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest
from PIL import Image
from standin import ROWS
from tiny_release import tiny_info, write_tiny

from vidgen import catalogue
from vidgen.beside import paths_of
from vidgen.catalogue import Ready, read_ready, write_ready
from vidgen.hub import CHECKPOINTS
from vidgen.index import read_index, write_row
from vidgen.release import sha256_of
from vidgen.request import from_form, to_form
from vidgen.rows import row_of
from vidgen.wall import read_wall

ROW = ROWS[0]
SHAPE = {"frames": 16, "columns": 4, "rows": 4, "width": 64, "height": 64}
READY = Ready(from_form({"class": "1", "seed": "7"}, ROWS), b"\xff\xd8 a sheet", SHAPE, 8.0)


def test_a_sheet_is_read_back_as_it_was_written(tmp_path: Path):
    write_ready(tmp_path, ROW, READY)
    assert read_ready(tmp_path, ROW) == READY
    assert {path.suffix for path in tmp_path.iterdir()} == {".jpg", ".json"}


def test_a_sheet_of_other_weights_is_not_shown(tmp_path: Path):
    write_ready(tmp_path, ROW, READY)
    assert read_ready(tmp_path, dataclasses.replace(ROW, sha256="c" * 64)) is None


def test_a_release_without_a_sheet_has_none(tmp_path: Path):
    assert read_ready(tmp_path, ROW) is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"columns": 0},
        {"width": 10**6},
        {"frames": "16"},
        {"rows": 3},
        {"fps": "fast"},
        {"fps": float("nan")},
        {"form": {"class": "99"}},
        {"form": [1]},
        {"form": None},
    ],
)
def test_a_damaged_description_is_as_good_as_none(tmp_path: Path, change):
    write_ready(tmp_path, ROW, READY)
    _, description = paths_of(tmp_path, ROW, "sheet")
    words = json.loads(description.read_text(encoding="utf-8"))
    description.write_text(json.dumps(words | change), encoding="utf-8")
    assert read_ready(tmp_path, ROW) is None


def test_half_a_description_is_as_good_as_none(tmp_path: Path):
    write_ready(tmp_path, ROW, READY)
    _, description = paths_of(tmp_path, ROW, "sheet")
    for length in (0, 10, 100):
        description.write_bytes(description.read_bytes()[:length])
        assert read_ready(tmp_path, ROW) is None


def test_a_name_from_the_hub_stays_inside_the_folder(tmp_path: Path):
    row = dataclasses.replace(ROW, name="owner/name")
    assert {path.parent for path in paths_of(tmp_path, row, "wall")} == {tmp_path}


def test_the_command_makes_sheet_and_wall_of_a_shipped_release(tmp_path: Path, monkeypatch, capsys):
    path = write_tiny(tmp_path / "tiny.safetensors")
    row = row_of(tiny_info(), path, sha256_of(path), file=path.name)
    write_row(tmp_path, row)
    monkeypatch.setattr("vidgen.hub.CHECKPOINTS", tmp_path)
    assert catalogue.main(["tiny", "class=1", "seed=3"]) == 0
    ready = read_ready(tmp_path, row)
    assert ready and to_form(ready.request)["seed"] == "3" and ready.shape["frames"] == 16
    with Image.open(io.BytesIO(ready.data)) as sheet:
        assert sheet.size == (ready.shape["columns"] * 16, ready.shape["rows"] * 16)
    assert read_wall(tmp_path, row)
    said = capsys.readouterr().out
    assert "tiny.sheet.jpg: " in said and "tiny.wall.jpg: " in said and "16 clips of 16 " in said
    for wrong in ([], ["gone"], ["tiny", "seed"], ["tiny", "seed=-1"]):
        assert catalogue.main(wrong) == 2
    assert "legal is" in capsys.readouterr().err


def test_every_shipped_release_has_a_sheet_of_its_own_weights():
    rows, notes = read_index(CHECKPOINTS)
    assert rows and not notes
    assert [row.name for row in rows if read_ready(CHECKPOINTS, row) is None] == []
