"""What a report says of its numbers: the weakest class, the verdict on shifted labels, counts."""

import re

from train.judge.verdicts import about_laws, about_shifted_labels, weakest
from vidgen.meanings import Words

ROWS = [
    {"class": name, "alignment": share, "alignment_real": 1.0, "motion_ratio": 1.0}
    for name, share in (("up", 0.75), ("down", 0.5), ("still", 1.0))
]
METRICS = {
    "alignment": 0.75, "alignment_real": 0.99, "alignment_shifted": 0.0, "num_clips": 12,
    "per_class": ROWS, "confusion": [[3, 1, 0], [2, 2, 0], [0, 0, 4]],
    "laws_by_class": {"up": 0.25, "still": 0.5}, "controls_failed": [],
    "laws_counts": {"limits": 400, "generated": [3, 8], "real": [7, 8]},
    "distances": {"kid_clip@own_12_16f": {"controls_failed": []},
                  "kid_frame@own_12_1f": {"controls_failed": ["blur"]}},
}  # fmt: skip


def test_the_weakest_class_is_named_with_its_counts_in_both_languages():
    names = [Words(en, zh) for en, zh in (("up", "上"), ("down", "下"), ("still", "静"))]
    least, lawless = weakest(METRICS, names)
    assert "Weakest class: down, recognised in 2 of 4 clips (0.5)" in least.en
    assert "最弱的类别：下，4 个片段中认出 2 个（0.5）" in least.zh
    assert "Least lawful: up, 1 of 4 clips keep its law (0.25)" in lawless.en
    assert "上" in lawless.zh


def test_without_labels_no_class_is_the_weakest():
    assert weakest({"num_clips": 12}) == [] == weakest({"per_class": [], "confusion": []})


def test_the_verdict_on_shifted_labels_is_of_the_numbers():
    (passed,) = about_shifted_labels(METRICS)
    assert "from 0.99 to 0; of 2 distances 0 moved. Verdict: passed." in passed.en
    rows = METRICS["distances"] | {"kid_clip@own_12_16f": {"controls_failed": ["relabelled"]}}
    (moved,) = about_shifted_labels(METRICS | {"distances": rows})
    assert "1 moved: kid_clip@own_12_16f. Verdict: failed" in moved.en and "未通过" in moved.zh
    blind = METRICS | {"controls_failed": ["alignment: relabelled"], "alignment_shifted": 0.9}
    assert "Verdict: failed" in about_shifted_labels(blind)[0].en


def test_the_law_s_note_counts_clips():
    (words,) = about_laws(METRICS)
    for text in words:
        assert re.findall("[0-9]+", text)[0] == "400" and {"7", "8", "3"} <= {
            *re.findall("[0-9]+", text)
        }
    assert about_laws({}) == []
