"""What the GET routes answer: a sheet with its X-Sheet header, a refusal, a release in words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from vidgen.catalogue import Ready
from vidgen.clip import Sheet
from vidgen.lapse import Lapse
from vidgen.request import frame_limits, motion_limits, start_limits, step_limits
from vidgen.rows import Row
from vidgen.scores import Scores
from vidgen.wall import Wall

FOREVER = "private, max-age=86400, immutable"


class Refusal(Exception):
    """An answer that is not a picture: HTTP status, JSON body, headers."""

    def __init__(self, status: int, body: Mapping[str, object], **headers: str) -> None:
        super().__init__(status, body)
        self.answer = JSONResponse(dict(body), status, {"Cache-Control": "no-store", **headers})


def keeping(row: Row, version: str | None) -> str:
    """Return how long a picture may be kept: for ever if it was asked for by its weights."""
    return FOREVER if version == row.sha256[:8] else "no-store"


def sheet_answer(sheet: Sheet, keep: str) -> Response:
    """Answer a sheet that was made now; its header says how to read and time it."""
    timings = sheet.timings
    meta = {
        "frames": sheet.frames, "columns": sheet.columns, "rows": sheet.rows,
        "width": sheet.width, "height": sheet.height, "fps": sheet.fps,
        "queue_ms": round(timings.queue_ms, 2), "model_ms": round(timings.model_ms, 2),
        "encode_ms": round(timings.encode_ms, 2), "device": sheet.device,
        "cached": sheet.cached, "clips": sheet.clips, "across": sheet.across,
        "cold": timings.cold,
    }  # fmt: skip
    return picture_answer(sheet.data, sheet.mime, meta, keep)


def described(
    row: Row,
    first: Mapping[str, str],
    scores: Scores | None = None,
    *,
    wall: bool,
    lapse: Lapse | None = None,
) -> dict[str, object]:
    """Describe a release for the page; ``version`` goes into the keys of cached pictures."""
    return {
        "name": row.name,
        "title": dict(row.title),
        "classes": [
            {"en": each.en, "zh": each.zh, "loops": each.loops and row.loops}
            for each in row.classes
        ],
        "width": row.clip.width,
        "height": row.clip.height,
        "frames": frame_limits(row),
        "start": start_limits(row),
        "step": step_limits(row),
        "motion": motion_limits(row),
        "max_time": row.max_frames,
        "family": row.family,
        "parts": row.parts,
        "parameters": row.parameters,
        "data": row.data,
        "loss": row.loss,
        "scores": scores or {},
        "version": row.sha256[:8],
        "first": first,
        "wall": wall,
        "lapse": lapse and lapse.steps,
    }


def picture_answer(data: bytes, mime: str, meta: Mapping[str, object], keep: str) -> Response:
    """Answer a picture; its header X-Sheet says how to read it."""
    headers = {
        "Cache-Control": keep,
        "X-Sheet": json.dumps(meta, separators=(",", ":")),  # proxies take 4 kB of headers
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=mime, headers=headers)


def ready_answer(ready: Ready, keep: str) -> Response:
    """Answer a sheet that was made beforehand."""
    meta = {
        **ready.shape, "clips": 1, "across": 1, "fps": ready.fps, "device": "", "cached": True,
        "ready_made": True,
    }  # fmt: skip
    return picture_answer(ready.data, "image/jpeg", meta, keep)


def wall_answer(wall: Wall, keep: str) -> Response:
    """Answer a wall; beside a sheet's description, ``form`` and ``cells`` say what each shows."""
    meta = {
        **wall.shape, "fps": wall.fps, "device": "", "cached": True, "ready_made": True,
        "form": wall.form, "cells": wall.cells,
    }  # fmt: skip
    return picture_answer(wall.data, "image/jpeg", meta, keep)
