"""The player: the page's one component, a canvas that plays sheets and the form that asks them."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from vidgen.ui.text import TEXT

_HERE = Path(__file__).resolve().parent
ICON = _HERE / "icon.svg"
# In this order they become one function body: Gradio runs it when the component is mounted.
_SCRIPTS = (
    "form.js",
    "rules.js",
    "store.js",
    "later.js",
    "memory.js",
    "address.js",
    "transport.js",
    "clock.js",
    "stage.js",
    "film.js",
    "tools.js",
    "sliders.js",
    "classes.js",
    "inside.js",
    "groups.js",
    "controls.js",
    "plane.js",
    "keys.js",
    "playback.js",
    "share.js",
    "takehome.js",
    "voice.js",
    "views.js",
    "many.js",
    "cells.js",
    "along.js",
    "scrub.js",
    "path.js",
    "spread.js",
    "grid.js",
    "wall.js",
    "telling.js",
    "sides.js",
    "picture.js",
    "compare.js",
    "families.js",
    "tile.js",
    "family.js",
    "card.js",
    "about.js",
    "entries.js",
    "shelf.js",
    "thumbs.js",
    "favourites.js",
    "lapse.js",
    "lapseview.js",
)
_TRAINING = (
    "chart.js",
    "opinion.js",
    "runform.js",
    "question.js",
    "dataset.js",
    "prepare.js",
    "lanes.js",
    "slow.js",
    "train.js",
)
_LAST = ("player.js",)  # fmt: skip
_STYLES = (
    "page.css", "stage.css", "panel.css", "sliders.css", "rooms.css", "compare.css", "family.css",
    "takehome.css", "favourites.css", "about.css", "train.css", "prepare.css", "slow.css",
    "phone.css",
)  # fmt: skip

# The views beside the stage, and the dialogs; they stand in the page where it says so.
_TRAIN_ROOM = ("train.html",)
_ROOMS = ("path.html", "grid.html", "compare.html", "family.html", "wall.html", "lapse.html")
_DIALOGS = ("takehome.html", "favourites.html", "about.html")

# Runs when the page's head is set, while the rest of Gradio's code is still on its way.
EARLY = """<script>
window.vidgenStart = window.vidgenStart || fetch("start" + location.search);
</script>"""


def _read(names: tuple[str, ...]) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def make_player(training: bool = False) -> gr.HTML:
    """Return a stage, its transport buttons and the sliders, within a Blocks.

    The view of training is on the page only where it may be used.

    Nothing of a visitor's or a release's words goes into the templates, which Gradio would
    evaluate: the script puts them on the page as plain text. It is no subclass of gr.HTML, because
    Gradio writes a .pyi file beside every module that defines one, on import.
    """
    return gr.HTML(
        html_template=_read(("player.html",))
        .replace("<!-- rooms -->", _read(_ROOMS + _TRAIN_ROOM * training))
        .replace("<!-- prepare -->", _read(("prepare.html",)))
        .replace("<!-- set -->", _read(("dataset.html",)))
        .replace("<!-- slow -->", _read(("slow.html",)))
        .replace("<!-- steps -->", _read(("steps.html",)))
        .replace("<!-- dialogs -->", _read(_DIALOGS)),
        js_on_load=_read(_SCRIPTS + _TRAINING * training + _LAST),
        apply_default_css=False,
        elem_id="vidgen",
        strings=TEXT,
        training=training,
    )


def style_sheet() -> str:
    """Return the style sheet of the whole page."""
    return _read(_STYLES)
