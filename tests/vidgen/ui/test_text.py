"""The page's words: every key in both languages, none missing, none forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vidgen.ui import text
from vidgen.ui.text import LANGUAGES, TEXT, language_of

UI = Path(text.__file__).parent
SLIDERS = ("class", "seed", "t", "seed_b", "motion", "psi", "frames", "step", "start")
WITH_BOX = ("seed", "seed_b", "motion")


def used_keys() -> set[str]:
    page = (UI / "player.html").read_text(encoding="utf-8")
    scripts = "".join(path.read_text(encoding="utf-8") for path in UI.glob("*.js"))
    server = (UI / "asking.py").read_text(encoding="utf-8")
    keys = set(re.findall(r'data-t(?:-label)?="(\w+)"', page))
    for found in re.findall(r'words\("(\w+)"|key: "(\w+)"|dataset\.t = "(\w+)"', scripts):
        keys |= set(found)
    keys |= {"play", "pause"}  # chosen by a condition
    keys |= set(re.findall(r'TEXT\[language\]\["(\w+)"\]', server))
    keys |= {key for name in SLIDERS for key in (name, f"{name}_help")}
    keys |= {key for name in WITH_BOX for key in (f"{name}_box", f"{name}_dice")}
    return keys - {""}


def test_every_key_that_is_used_is_there_and_every_one_there_is_used():
    assert set(TEXT["en"]) == used_keys()


def test_the_sliders_of_the_page_are_those_with_words():
    page = (UI / "player.html").read_text(encoding="utf-8")
    assert tuple(re.findall(r'data-slider="(\w+)"', page)) == SLIDERS
    assert tuple(re.findall(r'data-slider="(\w+)" data-number', page)) == WITH_BOX


def test_both_languages_fill_in_the_same_values():
    for key, english in TEXT["en"].items():
        braces = [sorted(re.findall(r"\{(\w+)\}", TEXT[tag][key])) for tag in LANGUAGES]
        assert braces[0] == braces[1], key
        assert english.strip() and TEXT["zh-CN"][key].strip()


def test_the_chinese_words_are_chinese():
    untranslated = {
        key for key, words in TEXT["zh-CN"].items() if not re.search(r"[\u4e00-\u9fff]", words)
    }
    assert untranslated == {"class_field", "other_language"}


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
