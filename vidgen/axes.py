"""Many clips in one call: a form, and axes along which some of its keys vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vidgen.legal import RequestError
from vidgen.request import ClipRequest, find_row, frame_limits, from_form
from vidgen.rows import Row

# What may vary: x=KEY:v1,v2,...
AXES = (
    "class", "class_b", "mix", "seed", "seed_b", "t", "u", "at", "motion", "motion_b", "motion_t",
    "psi", "step",
)  # fmt: skip
MAX_CELLS = 64
MAX_CELL_PIXELS = 2**23  # cells x frames x height x width: two cores make that in a few seconds


def read_cells(form: Mapping[str, str], rows: Sequence[Row]) -> list[ClipRequest]:
    """Read a form with an axis x (columns) and perhaps an axis y (rows).

    Args:
        form: as ``from_form`` takes it, and ``x`` and ``y``, each KEY:v1,v2,... with a key of AXES.
        rows: the releases that there are; the first one is the default.

    Returns:
        The canonical request of each cell, row by row: 2 to MAX_CELLS.

    Raises:
        RequestError: an axis is not one, a cell is not legal, or all together are too much.
    """
    plain = {key: value for key, value in form.items() if key not in ("x", "y")}
    column_key, columns = _axis("x", form.get("x", ""))
    row_key, lines = _axis("y", form["y"]) if "y" in form else (None, [""])
    if row_key == column_key:
        raise RequestError("y", row_key, ("another key than x has", "与 x 不同的参数"))
    count = len(columns) * len(lines)
    if not 2 <= count <= MAX_CELLS:
        raise RequestError("x", f"{count} cells", (
            f"2 to {MAX_CELLS} cells, columns x rows", f" 2 到 {MAX_CELLS} 个画格（列 × 行）",
        ))  # fmt: skip
    cells = [
        from_form({**plain, column_key: value, **({row_key: line} if row_key else {})}, rows,
                  strict=True)
        for line in lines
        for value in columns
    ]  # fmt: skip
    _check_cost(cells, find_row(cells[0].release, rows))
    return cells


def _axis(name: str, text: str) -> tuple[str, list[str]]:
    """Split "psi:0,0.5,1" into its key and its values, which are not checked here."""
    key, colon, values = text.partition(":")
    if key not in AXES or not colon or values.count(",") >= MAX_CELLS:
        keys = ", ".join(AXES)
        raise RequestError(name, text, (
            f"KEY:v1,v2,... with up to {MAX_CELLS} values, and KEY one of {keys}",
            f" KEY:v1,v2,...（最多 {MAX_CELLS} 个值），KEY 为 {keys} 之一",
        ))  # fmt: skip
    return key, values.split(",")


def _check_cost(cells: Sequence[ClipRequest], row: Row) -> None:
    """Refuse more pixels than a call may have, and say what fits."""
    frames, size = cells[0].frames, row.clip.height * row.clip.width
    if len(cells) * frames * size <= MAX_CELL_PIXELS:
        return
    fit, short = MAX_CELL_PIXELS // (frames * size), MAX_CELL_PIXELS // (len(cells) * size)
    en, zh = f"{frames} for up to {fit} cells", f"最多 {fit} 格时 {frames} 帧"
    if short >= frame_limits(row)[0]:
        en = f"up to {short} for {len(cells)} cells, or {en}"
        zh = f"{len(cells)} 格时不超过 {short} 帧，或{zh}"
    raise RequestError("frames", f"{frames} for {len(cells)} cells", (en, f"：{zh}"))
