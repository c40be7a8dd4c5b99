"""The page's words: every key in both languages, none missing, none forgotten."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from train.config import CriticKind
from train.rounds import STAGES
from vidgen.config import ClipShape
from vidgen.datasets import SetStanding
from vidgen.families import CONFIGS
from vidgen.request import FORM_KEYS
from vidgen.runs import Standing
from vidgen.ui import player, text
from vidgen.ui.text import LANGUAGES, TEXT, language_of
from vidgen.ui.words import (
    about,
    compare,
    controls,
    family,
    favourites,
    home,
    messages,
    prepare,
    rooms,
    slow,
    stage,
    train,
)

UI = Path(text.__file__).parent
PAGE = "".join(path.read_text(encoding="utf-8") for path in UI.glob("*.html"))
SCRIPTS = "".join(path.read_text(encoding="utf-8") for path in UI.glob("*.js"))


def used_keys() -> set[str]:
    server = (UI / "asking.py").read_text(encoding="utf-8")
    names = (UI / "files.py").read_text(encoding="utf-8")
    cards = (UI / "about.py").read_text(encoding="utf-8")
    sliders = re.findall(r'data-slider="(\w+)"', PAGE)
    keys = set(re.findall(r'data-t(?:-label|-name)?="(\w+)"', PAGE))
    for found in re.findall(
        r'words\("(\w+)"|key: "(\w+)"|dataset\.t = "(\w+)"|"data-t(?:-label)?": "(\w+)"', SCRIPTS
    ):
        keys |= set(found)
    keys |= {"play", "pause", "timings_ready", "timings_wall", "on", "off"}  # by a condition
    keys |= set(re.findall(r'TEXT\[language\]\["(\w+)"\]', server))
    keys |= set(re.findall(r'text\["(\w+)"\]', names))
    keys |= set(re.findall(r'TEXT\[spoken\(request\)\]\["(\w+)"\]', cards))
    keys |= set(re.findall(r'\["(about_\w+)", ', SCRIPTS))  # of a row of facts
    keys |= set(re.findall(r'"(loss_\w{2,})"', SCRIPTS))
    keys |= {"about_labels", "about_no_labels", "about_cpu_time", "about_time"}  # by a condition
    keys |= {key for name in sliders for key in (name, f"{name}_help")}
    keys |= {f"tool_{name}" for name in re.findall(r'makeTool\("(\w+)"', SCRIPTS)}
    keys |= set(re.findall(r'label: "(\w+)"', SCRIPTS))  # of a grid of clips
    keys |= set(re.findall(r' name: "(\w+)"', SCRIPTS))  # of a row in the list of keys
    keys |= {"space"}  # the one key that has a name
    views = re.search(r"createViews\(root, \{\n(.*?)\n\}", SCRIPTS, re.S)
    assert views
    keys |= {f"view_{name}" for name in re.findall(r"^  (\w+): ", views[1], re.M)}
    parts = re.search(r"const PARTS = \[(.*?)\]", SCRIPTS)
    assert parts
    keys |= {f"part_{name}{end}" for name in re.findall(r"\w+", parts[1]) for end in ("", "_help")}
    keys |= {f"idea_{name}" for name in CONFIGS}
    keys |= set(re.findall(r'\["(family_\w+)", ', SCRIPTS))  # of a row of numbers
    keys |= {"family_source", "family_unsourced", "family_kind", "family_kind_alone"}
    keys |= {"family_help", "family_alone"}  # by a condition
    keys |= {f"run_{standing}" for standing in get_args(Standing)}
    keys |= {f"set_{standing}" for standing in get_args(SetStanding)}
    keys |= {"set_class", "set_videos", "set_clips", "set_seconds", "set_held"}  # of a table
    keys |= {"set_again", "run_resume"}  # by a condition
    keys |= set(re.findall(r'listed\("(\w+)"', SCRIPTS))
    keys |= {f"slow_{kind}_{stage}" for kind in ("at", "story") for stage in STAGES}
    keys |= set(re.findall(r'"(slow_(?:row|num|data|left|right)\w*)"', SCRIPTS))
    keys |= {f"{key}_help" for key in re.findall(r'"(slow_num_\w+)"', SCRIPTS)}
    keys |= {f"critic_{kind}" for kind in get_args(CriticKind)}
    keys |= set(re.findall(r"^    (chart_\w+): ", SCRIPTS, re.M)) | {"view_train"}
    keys |= {"lapse_play", "lapse_stop", "opinion_real", "opinion_fake"}  # by a condition
    charts = re.search(r"const CHARTS = \{(.*?)\n  \}", SCRIPTS, re.S)
    assert charts
    keys |= {f"curve_{key}" for key in re.findall(r'\["(\w+[^_])", ', charts[1])}
    return keys - {""}


def test_every_part_of_every_family_has_its_words():
    clip = ClipShape(16, 3, 32, 32)
    names = {name for kind in CONFIGS.values() for name in kind(clip, 2).parts}
    assert {f"part_{name}" for name in names if not name.isdigit()} <= set(TEXT["en"])


def test_every_key_that_is_used_is_there_and_every_one_there_is_used():
    assert set(TEXT["en"]) == used_keys()


def test_no_key_is_said_twice():
    tables = (
        stage.WORDS, controls.WORDS, messages.WORDS, rooms.WORDS, home.WORDS, compare.WORDS,
        favourites.WORDS, family.WORDS, about.WORDS, train.WORDS, prepare.WORDS,
        slow.WORDS,
    )  # fmt: skip
    assert sum(map(len, tables)) == len(TEXT["en"])


def test_every_number_of_a_form_has_its_slider():
    keys = {key for key in FORM_KEYS if key not in ("release", "loop", "walk", "at", "part")}
    assert sorted(re.findall(r'data-slider="(\w+)"', PAGE)) == sorted(keys)


def test_every_script_and_style_is_on_the_page():
    assert sorted(player._SCRIPTS + player._TRAINING + player._LAST) == sorted(
        path.name for path in UI.glob("*.js")
    )
    assert sorted(player._STYLES) == sorted(path.name for path in UI.glob("*.css"))


def test_both_languages_fill_in_the_same_values():
    for key, english in TEXT["en"].items():
        braces = [sorted(re.findall(r"\{(\w+)\}", TEXT[tag][key])) for tag in LANGUAGES]
        assert braces[0] == braces[1], key
        assert english.strip() and TEXT["zh-CN"][key].strip()


def test_the_chinese_words_are_chinese():
    untranslated = {
        key for key, words in TEXT["zh-CN"].items() if not re.search(r"[\u4e00-\u9fff]", words)
    }
    assert untranslated == {"class_field", "list", "other_language"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh", "zh-CN"),
        ("zh-Hans-CN", "zh-CN"),
        ("zh_CN", "zh-CN"),
        ("zh-TW;q=0.5", "zh-CN"),
        ("en-GB,zh;q=0.3", "en"),
        ("fr-FR, zh-Hans;q=0.8, en;q=0.7", "zh-CN"),
        ("de, fr", "en"),
        ("zhx", "en"),
        ("", "en"),
        (None, "en"),
        ("," * 100000, "en"),
    ],
)
def test_the_first_language_that_the_page_speaks_is_taken(header, language):
    assert language_of(header) == language
