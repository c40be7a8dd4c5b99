"""Parts of the report's page: text in both languages, sections, pictures and tables, as HTML."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from train.judge.words import HEADINGS, NOTES
from vidgen.meanings import Words


def both(words: Words) -> str:
    """Say it in both languages; the page shows one of them."""
    return f"<span lang='en'>{escape(words.en)}</span><span lang='zh-CN'>{escape(words.zh)}</span>"


def section(key: str, body: str, *told: Words) -> str:
    """Put a heading and what is to be known, always and of these numbers, above a part of it."""
    known = [NOTES[key], *told] if key in NOTES else told
    notes = "".join(f"<p class='note'>{both(words)}</p>" for words in known)
    return f"<section><h2>{both(HEADINGS[key])}</h2>{notes}{body}</section>"


def picture(key: str, data: bytes) -> str:
    """Embed the WebP of a part; the text beside it is read aloud in both languages."""
    code = base64.b64encode(data).decode()
    alt = escape(f"{HEADINGS[key].en} {HEADINGS[key].zh}", quote=True)
    return f"<img id='{key}' alt='{alt}' src='data:image/webp;base64,{code}'>"


def number(value: float) -> str:
    """Write three digits of a number, or all before its point."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def with_interval(value: float, interval: Sequence[float] | None) -> str:
    """Write a number, with its interval behind it if it has one."""
    if not interval:
        return number(value)
    low, high = interval
    return f"{number(value)} <i>[{number(low)}, {number(high)}]</i>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """Lay out cells of HTML; the first of each row is its name."""
    top = "".join(f"<th scope='col'>{cell}</th>" for cell in head)
    body = "".join(
        f"<tr><th scope='row'>{row[0]}</th>"
        + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    label = escape(HEADINGS["table"].en, quote=True)
    return (
        f"<div class='wide' tabindex='0' role='group' aria-label='{label}'><table class='{kind}'>"
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )
