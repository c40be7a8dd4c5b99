"""Share links: the state of the page in its address, checked like any other request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vidgen.legal import RequestError
from vidgen.request import FORM_KEYS, from_form
from vidgen.rows import Row


@dataclass(frozen=True)
class LinkState:
    """What a link asks for.

    Attributes:
        form: a legal form: what the link gave, over the first state of its release.
        problems: what of the link was refused, and left out.
    """

    form: dict[str, str]
    problems: tuple[RequestError, ...]


def read_link(
    query: Mapping[str, str], rows: Sequence[Row], firsts: Mapping[str, Mapping[str, str]]
) -> LinkState:
    """Read the state out of an address; what is not legal falls back, and is told.

    Keys that are not the form's (``lang``, a visitor counter's) are ignored.

    Args:
        query: the parameters of the address, written by anybody.
        rows: the releases there are, one at least; the first one is the default.
        firsts: by release name, the state in which it is first shown.
    """
    given = {key: value for key, value in query.items() if key in FORM_KEYS}
    problems: list[RequestError] = []
    while given:  # each turn leaves out one key at least
        name = given.get("release", rows[0].name)
        form = {**firsts.get(name, {}), **given, "release": name}
        try:
            from_form(form, rows)
        except RequestError as error:
            problems.append(error)
            given = _without(given, error.field)
        else:
            return LinkState(form, tuple(problems))
    name = rows[0].name
    return LinkState({**firsts.get(name, {}), "release": name}, tuple(problems))


def _without(given: Mapping[str, str], field: str) -> dict[str, str]:
    """Leave out the key at fault, or all but the release where no key given is at fault alone."""
    if field in given:
        return {key: value for key, value in given.items() if key != field}
    return {key: value for key, value in given.items() if key == "release" and len(given) > 1}
