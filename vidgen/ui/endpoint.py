"""The public API endpoints: one clip, or a path of clips, as an mp4 file, for programs."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event, Thread
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder

from vidgen.axes import AXES, MAX_CELLS, read_cells
from vidgen.clip import Clip
from vidgen.export import export, plan
from vidgen.legal import LIMITS, RequestError, number, whole
from vidgen.notes import HubError
from vidgen.request import ClipRequest, find_row, from_form, to_form
from vidgen.service import Busy, Gone, Service

_LOOK = 0.5  # seconds between two looks whether a caller still listens


def _range(key: str) -> str:
    low, high = LIMITS[key]
    return f"{low:.15g} to {high:.15g}"


Field = tuple[type, Any, str]  # type, default, what it means and what is legal
_SEED, _SHARE = _range("seed"), _range("t")
_CLASS = "0 to the number of classes less 1; 3.4 is 0.6 of class 3 and 0.4 of class 4"
# The form in the words of the API: a class is not called class, which Python can't take by name.
_FIELDS: dict[str, Field] = {
    "release": (str, "", 'name of the model; "" is the first one. GET start lists them'),
    "class_position": (float, 0, _CLASS),
    "class_b": (float, 0, f"another class, likewise: {_CLASS}"),
    "mix": (float, 0, f"{_SHARE}; 0 is class_position, 1 is class_b"),
    "seed": (int, 0, f"{_SEED}; which noise the thing is made from. A, top left in the plane"),
    "seed_b": (int, 0, f"{_SEED}; B, the other end of an interpolation, top right"),
    "seed_c": (int, 0, f"{_SEED}; C, bottom left in the plane"),
    "seed_d": (int, 0, f"{_SEED}; D, bottom right in the plane"),
    "t": (float, 0, f"{_SHARE}; from seed (0) to seed_b (1), left to right in the plane"),
    "u": (float, 0, f"{_SHARE}; from top (0) to bottom (1) in the plane"),
    "walk": (str, "", 'seeds of a closed walk, 2 to 16, "3,14,15"; takes the place of the plane'),
    "at": (float, 0, "0 to the number of seeds in walk, which is the first seed again"),
    "motion": (int, 0, f"{_SEED}; how the thing moves"),
    "motion_b": (int, 0, f"{_SEED}; another motion"),
    "motion_t": (float, 0, f"{_SHARE}; from motion (0) to motion_b (1)"),
    "psi": (float, 1, f"{_range('psi')}; 0 is the average of the class, 1 is as learned"),
    "frames": (int, 16, f"{_range('frames')}; how many frames"),
    "start": (float, 0, f"{_range('start')}; time of the first frame, in frames"),
    "step": (float, 1, f"{_range('step')}; time between frames; the last one's is 64 at most"),
    "loop": (bool, False, "true makes the motion end where it began; not every class can"),
    "part": (str, "", 'what to look at inside: "mask" of a vgan, say; "" is the clip. start lists'),
}  # fmt: skip
_EMPTY = ("release", "walk", "part")  # which may be left empty
_ALONG = tuple("class_position" if key == "class" else key for key in AXES)
_PATH: dict[str, Field] = {
    "along": (str, "t", f"what varies from clip to clip: {', '.join(_ALONG)}"),
    "clips": (int, 8, f"2 to {MAX_CELLS}; how many clips; with many frames each, fewer"),
    "first": (float, 0, "what varies has this value in the first clip; legal is what it may be"),
    "last": (float, 1, "and this value in the last one; between them it grows evenly"),
}
_COMMON = """The same request makes the same file every time. An illegal value is an error that
names the field, the value and what is legal. When too many requests wait, the answer is HTTP 503
with Retry-After."""
_GENERATE = f"""Make one clip and return it as an mp4 file, with the request as understood.

{_COMMON}"""
_PATH_WORDS = f"""Make clips along a path and return them as one mp4 file, one after the other.

One key varies, all else stays: a walk from seed A to seed B (along t), one class into another
(along mix), from the average to the unusual (along psi), through many seeds (along at).

{_COMMON}"""


def make_endpoints(service: Service) -> dict[str, Callable[..., Any]]:
    """Return /generate and /path over a service, by name."""

    def generate(*given: object) -> tuple[gr.FileData, dict]:
        with _in_words():
            form = _form(dict(zip(_FIELDS, given, strict=True)))
            clip = service.generate(from_form(form, service.rows()))
        return _mp4(service, [clip]), _understood(clip.request)

    def path(*given: object) -> tuple[gr.FileData, list]:
        values = dict(zip([*_PATH, *_FIELDS], given, strict=True))
        with _in_words(), _noticing() as gone:
            form = _form({name: values[name] for name in _FIELDS})
            axis = _axis(*(values[name] for name in _PATH))
            clips = service.clips(read_cells({**form, "x": axis}, service.rows()), gone)
        return _mp4(service, clips), [_understood(clip.request) for clip in clips]

    _declare(generate, _FIELDS, _GENERATE, tuple[gr.FileData, dict])
    _declare(path, _PATH | _FIELDS, _PATH_WORDS, tuple[gr.FileData, list])
    return {"generate": generate, "path": path}


def _declare(
    function: Callable[..., Any], fields: Mapping[str, Field], words: str, returns: object
) -> None:
    """Give a function the signature and the docstring that its fields say; Gradio reads both."""
    parameters = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default,
                          annotation=kind)
        for name, (kind, default, _) in fields.items()
    ]  # fmt: skip
    signature = inspect.Signature(parameters, return_annotation=returns)
    lines = [f"    {name}: {meaning}." for name, (_, _, meaning) in fields.items()]
    function.__signature__ = signature  # pyright: ignore[reportFunctionMemberAccess]
    function.__annotations__ = {name: kind for name, (kind, _, _) in fields.items()}
    function.__doc__ = "\n".join([words, "", "Args:", *lines])


def _form(values: Mapping[str, object]) -> dict[str, str]:
    """Return a form of what was given; what it is worth is for ``from_form`` to say."""
    form = {key: str(value) for key, value in values.items() if value != "" or key not in _EMPTY}
    if isinstance(values["loop"], bool):
        form["loop"] = str(int(values["loop"]))
    form["class"] = form.pop("class_position")
    return form


def _axis(along: object, clips: object, first: object, last: object) -> str:
    if along not in _ALONG:
        names = ", ".join(_ALONG)
        raise RequestError("along", along, (f"one of {names}", f" {names} 之一"))
    count = whole("clips", clips, 2, MAX_CELLS)
    low, high = LIMITS["seed"]
    begin, end = number("first", first, low, high), number("last", last, low, high)
    values = [begin + (end - begin) * k / (count - 1) for k in range(count)]
    key = "class" if along == "class_position" else along
    return f"{key}:" + ",".join(f"{value:.3f}" for value in values)


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Turn what goes wrong into an error that the caller may read."""
    try:
        yield
    except RequestError as error:
        raise gr.Error(str(error), print_exception=False) from error
    except HubError as error:
        raise gr.Error(error.note.en, print_exception=False) from error
    except Busy as busy:
        words = f"The service is full; try again in {busy.retry_after:.0f} s."
        raise gr.Error(words, print_exception=False) from busy
    except Gone as gone:
        raise gr.Error(str(gone), print_exception=False) from gone  # nobody is there to read it


@contextlib.contextmanager
def _noticing() -> Iterator[Event]:
    """Give an event that is set when the caller hangs up; Gradio's queue knows of it."""
    gone, over = Event(), Event()
    blocks, call = LocalContext.blocks.get(None), LocalContext.event_id.get(None)

    def watch() -> None:
        while blocks and not over.wait(_LOOK):
            jobs = [job for batch in blocks._queue.active_jobs for job in batch or ()]
            if any(job._id == call and not job.alive for job in jobs):
                return gone.set()

    Thread(target=watch, name="vidgen-noticing", daemon=True).start()
    try:
        yield gone
    finally:
        over.set()


def _understood(request: ClipRequest) -> dict[str, Any]:
    """Return a request in the words of the API."""
    form = to_form(request)
    texts = {key: form.pop(key) for key in ("release", "part") if key in form}
    position = float(form.pop("class"))
    return {**texts, "class_position": position} | {k: float(v) for k, v in form.items()}


def _mp4(service: Service, clips: Sequence[Clip]) -> gr.FileData:
    """Write clips one after the other into Gradio's cache, which serves and later deletes it."""
    row = find_row(clips[0].request.release, service.rows())
    recipe = plan("mp4", row, [clip.request for clip in clips])
    data = export("mp4", recipe, lambda _: [clip.frames for clip in clips])
    cache = get_upload_folder()
    return gr.FileData(path=save_bytes_to_cache(data, "clip.mp4", cache), mime_type="video/mp4")
