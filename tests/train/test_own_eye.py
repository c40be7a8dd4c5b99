"""The own classifier as a feature net, on data that are judged by it: it must tell its controls."""

import pytest
import torch

from train.data import open_source
from train.data.heldout import held_out
from train.features import FRAMES, load_or_train
from train.judge.clips import real_clips
from train.judge.controls import CONTROLS, MUST_TELL, spoil
from train.judge.distances import of_share
from train.judge.sight import see
from train.judge.tables import FLOOR, MADE, REAL, own_table

CPU = torch.device("cpu")
COUNT = 500  # as a tournament measures; of 300 clips the kernel distance missed a control


@pytest.mark.slow
def test_the_own_classifier_tells_every_control_of_real_phenomena(tmp_path):
    source = open_source("phenomena-32", None, CPU)
    judge = load_or_train(source, tmp_path, CPU)
    real = held_out(source, 3 * COUNT, FRAMES, tmp_path)
    clips = {name: real_clips(real, k * COUNT, COUNT) for k, name in enumerate((REAL, FLOOR, MADE))}
    clips |= {name: spoil(clips[FLOOR], name, 0) for name in CONTROLS}
    seen = {name: see(judge, pixels, CPU, name) for name, pixels in clips.items()}
    labels = torch.arange(COUNT) % len(source.classes)
    table = own_table(seen, dict.fromkeys(seen, labels), 0).rows
    assert len(table) == 4
    for name, row in table.items():
        assert row["controls_failed"] == [], name
        assert row["value"][1] <= row["floor"][2], name  # other real clips are no control
        kind = "clip" if "clip" in name else "frame"
        for control in MUST_TELL[kind]:
            assert row["controls"][control][1] > row["floor"][2], (name, control)
    right, shifted = (of_share(seen[FLOOR].named == each) for each in (labels, (labels + 1) % 10))
    assert right.low > 0.97 and shifted.high < 0.05
