"""Share links: the state of the page in its address, checked like any other request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from vidgen.legal import LIMITS, RequestError, read_number
from vidgen.request import (
    FORM_KEYS,
    frame_limits,
    from_form,
    motion_limits,
    start_limits,
    step_limits,
)
from vidgen.rows import Row

WHOLE = {"release", "class", "seed", "motion"}  # the page's links name them always
_WITH = re.compile(r"(?:^|,)([a-z_]+):")  # a walk has commas of its own
_MAX_WITH = 1000
_ROUND = {"seed", "seed_b", "seed_c", "seed_d", "motion", "motion_b", "frames", "loop"}


@dataclass(frozen=True)
class LinkState:
    """What a link asks for.

    Attributes:
        form: a legal form: what the link gave, or the nearest that there is.
        problems: what of the link was refused.
    """

    form: dict[str, str]
    problems: tuple[RequestError, ...]


def read_link(
    query: Mapping[str, str], rows: Sequence[Row], firsts: Mapping[str, Mapping[str, str]]
) -> LinkState:
    """Read the state out of an address; for what is not legal the nearest is taken, and told.

    A link that names all of WHOLE is a whole state: what it leaves out is neutral, and stays so
    whatever a release is first shown with. Any other link is laid over that first state. Keys that
    are not the form's (``lang``, a visitor counter's) are ignored.

    Args:
        query: the parameters of the address, written by anybody.
        rows: the releases there are, one at least; the first one is the default.
        firsts: by release name, the state in which it is first shown.
    """
    given = {key: value for key, value in query.items() if key in FORM_KEYS}
    problems: dict[str, RequestError] = {}
    while given:  # each turn mends one key once, or leaves one out at least
        name = given.get("release", rows[0].name)
        base = {} if given.keys() >= WHOLE else firsts.get(name, {})
        form = {**base, **given, "release": name}
        try:
            from_form(form, rows)
        except RequestError as error:
            field = error.field
            nearest = None
            if field in given and field not in problems:
                nearest = _nearest(field, given[field], _row(name, rows), rows)
            problems.setdefault(field, error)
            given = _without(given, field) if nearest is None else given | {field: nearest}
        else:
            return LinkState(form, tuple(problems.values()))
    name = rows[0].name
    return LinkState({**firsts.get(name, {}), "release": name}, tuple(problems.values()))


def read_with(
    text: str, beside: LinkState, rows: Sequence[Row], firsts: Mapping[str, Mapping[str, str]]
) -> LinkState:
    """Read the other side of a comparison, "class:3,seed:5", as any other link is read.

    What is not a whole state is laid over the side that the link itself says: ``psi:0.5`` is the
    same at another psi.

    Args:
        text: keys and values with commas between them, written by anybody.
        beside: the side that the link itself says.
        rows: the releases there are, one at least.
        firsts: by release name, the state in which it is first shown.
    """
    name = beside.form["release"]
    junk, *parts = _WITH.split(text[:_MAX_WITH])
    query = dict(zip(parts[::2], parts[1::2], strict=True))
    problems = ()
    if junk or not query.keys() & set(FORM_KEYS):
        legal = "keys and values, class:3,seed:5", "参数与取值，如 class:3,seed:5"
        problems = (RequestError("with", text, legal),)
    state = read_link({"release": name, **query}, rows, {**firsts, name: beside.form})
    return LinkState(state.form, problems + state.problems)


def _row(name: str, rows: Sequence[Row]) -> Row:
    return next((row for row in rows if row.name == name), rows[0])


def _nearest(field: str, value: str, row: Row, rows: Sequence[Row]) -> str | None:
    """Return the legal value next to one that is not; None where nothing is near it."""
    if field == "release":
        return [*get_close_matches(value[:200], [row.name for row in rows], 1), rows[0].name][0]
    if field in ("walk", "part"):
        return None
    try:
        number = read_number(field, value)
    except RequestError:
        return None
    classes = (0, len(row.classes) - 1)
    low, high = {
        **LIMITS, "class": classes, "class_b": classes, "frames": frame_limits(row),
        "start": start_limits(row), "step": step_limits(row), "motion": motion_limits(row),
        "motion_b": motion_limits(row),
    }[field]  # fmt: skip
    number = min(max(number, low), high)
    return f"{round(number) if field in _ROUND else number:.15g}"


def _without(given: Mapping[str, str], field: str) -> dict[str, str]:
    """Leave out the key at fault, or all but the release where no key given is at fault alone."""
    if field in given:
        return {key: value for key, value in given.items() if key != field}
    return {key: value for key, value in given.items() if key == "release" and len(given) > 1}
