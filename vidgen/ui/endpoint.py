"""The one public API endpoint: the page's clip as an mp4 file, for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from vidgen.clip import Clip
from vidgen.export import export, plan
from vidgen.legal import RequestError
from vidgen.notes import HubError
from vidgen.request import find_row, from_form, to_form
from vidgen.service import Busy, Service

Answer = tuple[gr.FileData, dict[str, Any]]


def _mp4(service: Service, clips: Sequence[Clip]) -> gr.FileData:
    """Write clips one after the other into Gradio's cache, which serves and later deletes it."""
    row = find_row(clips[0].request.release, service.rows())
    recipe = plan("mp4", row, [clip.request for clip in clips])
    data = export("mp4", recipe, lambda _: [clip.frames for clip in clips])
    cache = get_upload_folder()
    return gr.FileData(path=save_bytes_to_cache(data, "clip.mp4", cache), mime_type="video/mp4")


def make_endpoint(service: Service) -> Callable[..., Answer]:
    """Return /generate over a service."""

    def generate(
        release: str = "",
        class_position: float = 0,
        seed: int = 0,
        seed_b: int = 0,
        t: float = 0,
        motion: int = 0,
        psi: float = 1,
        frames: int = 16,
        start: float = 0,
        step: float = 1,
        loop: bool = False,
    ) -> tuple[gr.FileData, dict]:
        """Make one clip and return it as an mp4 file, with the request as it was understood.

        The same request makes the same clip every time. An illegal value is an error that names
        the field, the value and what is legal. When too many requests wait, the answer is HTTP
        503 with Retry-After.

        Args:
            release: name of the model; "" is the first one. GET start lists them.
            class_position: 0 to the number of classes less 1; 3.4 is 0.6 of class 3 and 0.4 of 4.
            seed: 0 to 4294967295; which noise the thing is made from.
            seed_b: 0 to 4294967295; the other end of an interpolation.
            t: 0 to 1; 0 is seed, 1 is seed_b.
            motion: 0 to 4294967295; how the thing moves.
            psi: 0 to 1.5; 0 is the average of the class, 1 is as learned.
            frames: 8 to 64; how many frames.
            start: 0 to 56; time of the first frame, in frames.
            step: 0.125 to 4; time between two frames; the last frame's time is 64 at most.
            loop: true makes the motion end where it began; not every class can.

        Returns:
            The mp4 file, and the request as understood, in the same words.
        """
        given = {
            "class": class_position, "seed": seed, "seed_b": seed_b, "t": t, "motion": motion,
            "psi": psi, "frames": frames, "start": start, "step": step,
            "loop": int(loop) if isinstance(loop, bool) else loop,
        }  # fmt: skip
        form = {key: str(value) for key, value in given.items()}
        if release:
            form["release"] = str(release)
        try:
            clip = service.generate(from_form(form, service.rows()))
        except RequestError as error:
            raise gr.Error(str(error), print_exception=False) from error
        except HubError as error:
            raise gr.Error(error.note.en, print_exception=False) from error
        except Busy as busy:
            words = f"The service is full; try again in {busy.retry_after:.0f} s."
            raise gr.Error(words, print_exception=False) from busy
        understood: dict[str, Any] = dict(to_form(clip.request))
        understood["class_position"] = understood.pop("class")
        name = understood.pop("release")
        numbers = {key: float(value) for key, value in understood.items()}
        return _mp4(service, [clip]), {"release": name} | numbers

    return generate
