"""The player: the page's one component, a canvas that plays sheets and the form that asks them."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from vidgen.ui.text import TEXT

_HERE = Path(__file__).resolve().parent
# In this order they become one function body: Gradio runs it when the component is mounted.
_SCRIPTS = (
    "address.js", "transport.js", "stage.js", "sliders.js", "controls.js", "playback.js",
    "player.js",
)  # fmt: skip

# Runs when the page's head is set, while Gradio's own code is still on its way.
EARLY = """<script>
window.vidgenStart = window.vidgenStart || fetch("start" + location.search);
</script>"""


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")

from gradio.events import Dependency

class Player(gr.HTML):
    """A stage, its transport buttons and the sliders; speaks to the GET routes beside the page.

    Nothing of a visitor's or a release's words goes into the templates, which Gradio would
    evaluate: the script puts them on the page as plain text.
    """

    def __init__(self) -> None:
        super().__init__(
            html_template=_read("player.html"),
            js_on_load="\n".join(_read(name) for name in _SCRIPTS),
            apply_default_css=False,
            elem_id="vidgen",
            strings=TEXT,
        )

    @staticmethod
    def css() -> str:
        """Return the style sheet of the whole page."""
        return _read("player.css") + _read("phone.css")
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component