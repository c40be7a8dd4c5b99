"""Every word of the page in English and 简体中文, and which of them a visitor reads."""

from __future__ import annotations

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

LANGUAGES = ("en", "zh-CN")

_TABLE = (
    stage.WORDS | controls.WORDS | messages.WORDS | rooms.WORDS | home.WORDS | compare.WORDS
    | favourites.WORDS | family.WORDS | about.WORDS | train.WORDS
    | prepare.WORDS | slow.WORDS
)  # fmt: skip

TEXT: dict[str, dict[str, str]] = {
    language: {key: row[column] for key, row in _TABLE.items()}
    for column, language in enumerate(LANGUAGES)
}


def language_of(header: str | None) -> str:
    """Return the language of LANGUAGES that an Accept-Language header asks for first.

    Any Chinese is answered in 简体中文; a header with neither language in English. The order of
    the header counts, as browsers write it by falling preference.
    """
    for part in (header or "")[:200].split(","):
        primary = part.split(";")[0].strip().lower().replace("_", "-").split("-")[0]
        if primary in ("en", "zh"):
            return "zh-CN" if primary == "zh" else "en"
    return "en"
