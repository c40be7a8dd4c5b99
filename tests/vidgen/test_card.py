"""A card's limits: what is said of a family's times and classes is true of how it was trained."""

import dataclasses

import pytest
from tiny_release import tiny_info

from vidgen.card import limits
from vidgen.config import ClassName, ClipShape
from vidgen.families import CONFIGS

CLIP = ClipShape(16, 3, 16, 16)
MOMENTS = {"critics": [{"kind": "frame"}, {"kind": "moments"}]}


def said(family, classes=3, train=MOMENTS, **changes):
    names = tuple(ClassName(f"thing {k}", f"物 {k}") for k in range(classes))
    model = CONFIGS[family](CLIP, classes, **changes)
    info = dataclasses.replace(tiny_info(), model=model, classes=names, train=train)
    return [words.en for words in limits(info)]


@pytest.mark.parametrize("family", ["framegan", "vgan", "progressive"])
def test_a_family_of_one_length_has_no_later_times(family):
    text = " ".join(said(family))
    assert "at most 16 frames" in text and "64" not in text


@pytest.mark.parametrize("family", ["mocogan", "convgru"])
def test_what_a_recurrent_family_makes_of_later_frames_was_never_seen(family):
    assert any("frames 0 to 15 alone" in line and "up to 64" in line for line in said(family))


def test_the_flagship_was_trained_on_moments_of_all_times_unless_a_critic_sees_whole_clips():
    moments = "a few moments of a clip at a time, from anywhere in 64 frames"
    assert any(moments in line for line in said("stgan"))
    assert any(moments in line for line in said("stgan", train={}))  # before critics had kinds
    for other in (
        said("stgan", train={"critics": [{"kind": "sequence"}]}),
        said("stgan", continuous_time=False),
    ):
        assert any("frames 0 to 15 alone" in line for line in other)


def test_without_labels_there_are_no_classes_to_show():
    assert any("knows no classes" in line for line in said("vgan", classes=1))
    assert any("its 3 classes" in line for line in said("vgan"))
