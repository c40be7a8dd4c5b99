"""Numbers beside a release: those of this very file, and legal ones only."""

import dataclasses
import json

import pytest
from tiny_release import ship_tiny

from vidgen.rows import HubPin
from vidgen.scores import MAX_PAGE_BYTES, read_report, read_scores

REPORT = {
    "alignment": 0.9, "laws": None, "fd_own": 7.0, "intervals": {"alignment": [0.8, 0.95]},
    "distances": {
        "kid_clip@own_500_16f": {"value": [0.5, 0.4, 0.6], "floor": [0.0, 0.0, 0.0]},
        "kid_clip@transnetv2_250_16f": {"value": [2.0, 1.5, 2.5]},
        "kid_clip@i3d_500_16f": {"value": [7.0, 6.0, 8.0]},
        "kid_frame@own_500_16f": {"value": [9.0, 8.0, 10.0]},
    },
}  # fmt: skip


def scores(folder, change=(), **row_change):
    row = ship_tiny(folder)
    report = {**REPORT, "release_sha256": row.sha256, **dict(change)}
    (folder / "tiny.metrics.json").write_text(json.dumps(report))
    return read_scores(folder, dataclasses.replace(row, **row_change))


def test_what_the_report_has_is_read_with_its_interval(tmp_path):
    seen = scores(tmp_path / "shelf", {"laws": 0.5, "motion_ratio": 1.2})
    assert seen == {
        "alignment": [0.9, 0.8, 0.95], "laws": [0.5], "motion_ratio": [1.2],
        "kid_clip@own": [0.5, 0.4, 0.6], "kid_clip@transnetv2": [2.0, 1.5, 2.5],
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["<b>", 1.5, -0.1, float("nan"), True, [0.5], None])
def test_an_illegal_number_is_left_out_and_the_others_stay(tmp_path, bad):
    assert [*scores(tmp_path / "shelf", {"alignment": bad})] == [
        "kid_clip@own",
        "kid_clip@transnetv2",
    ]


@pytest.mark.parametrize(
    "change",
    [{"release_sha256": "0" * 64}, {"intervals": {"alignment": 3}, "distances": 5},
     {"alignment": 10**400, "distances": {"kid_clip@own_1_16f": 3}}],
)  # fmt: skip
def test_numbers_of_another_file_or_form_count_for_nothing(tmp_path, change):
    assert scores(tmp_path / "shelf", change) == {}


def test_a_report_is_read_only_if_numbers_and_page_speak_of_this_file(tmp_path):
    row = ship_tiny(tmp_path / "shelf")
    page, numbers = (tmp_path / "shelf" / f"tiny.{end}" for end in ("report.html", "metrics.json"))
    told = f"<p>{row.sha256[:16]}…</p>"
    for text, sha256, wanted in (
        (told, row.sha256, told.encode()),
        ("<p>of an older file</p>", row.sha256, None),
        (told, "0" * 64, None),
        (told + " " * MAX_PAGE_BYTES, row.sha256, None),
    ):
        page.write_text(text, "utf-8")
        numbers.write_text(json.dumps({"release_sha256": sha256}))
        assert read_report(tmp_path / "shelf", row) == wanted
    hub = dataclasses.replace(row, file=None, hub=HubPin("owner/tiny", "a" * 40))
    assert read_report(tmp_path / "shelf", hub) is None


def test_no_report_no_numbers(tmp_path):
    assert read_scores(tmp_path, ship_tiny(tmp_path / "shelf")) == {}
