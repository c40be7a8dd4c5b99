"""Ready-made sheets: read back as written, and only for the release file that they were made of."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from standin import ROWS

from vidgen.catalogue import Ready, paths_of, read_ready, write_ready
from vidgen.request import from_form

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
    _, description = paths_of(tmp_path, ROW)
    words = json.loads(description.read_text(encoding="utf-8"))
    description.write_text(json.dumps(words | change), encoding="utf-8")
    assert read_ready(tmp_path, ROW) is None


def test_half_a_description_is_as_good_as_none(tmp_path: Path):
    write_ready(tmp_path, ROW, READY)
    _, description = paths_of(tmp_path, ROW)
    for length in (0, 10, 100):
        description.write_bytes(description.read_bytes()[:length])
        assert read_ready(tmp_path, ROW) is None


def test_a_name_from_the_hub_stays_inside_the_folder(tmp_path: Path):
    row = dataclasses.replace(ROW, name="owner/name")
    assert {path.parent for path in paths_of(tmp_path, row)} == {tmp_path}
