"""What a visitor sees and does, in words for the tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs

from playwright.sync_api import Frame, Page

View = Page | Frame

_SHOWN = ".vg[data-state=shown]"
_PIXELS = """() => {
  const canvas = document.querySelector('.vg canvas');
  const scratch = document.createElement('canvas');
  scratch.width = scratch.height = 32;
  const context = scratch.getContext('2d');
  context.drawImage(canvas, 0, 0, 32, 32);
  return Array.from(context.getImageData(0, 0, 32, 32).data);
}"""


def wait_until(page: Page, happened: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait for a condition; the limit is for what never happens, not a bar.

    Requests, downloads and frames of a page are known only once a call to Playwright has let
    their events in, so this waits inside one.
    """
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "this never happened"
        page.wait_for_timeout(20)


def address_of(page: Page) -> str:
    """Return the address as the page has it; `page.url` may be older than what was just seen."""
    return page.evaluate("location.href")


def wait_for_picture(view: View) -> None:
    """Wait until a picture is on the stage."""
    view.wait_for_selector(_SHOWN)


def shown(view: View) -> dict[str, str]:
    """Return the form whose picture is on the stage."""
    query = view.locator(".vg").get_attribute("data-shown") or ""
    return {key: values[0] for key, values in parse_qs(query).items()}


def wait_for(view: View, **form: str) -> None:
    """Wait until the picture on the stage is that of these values."""
    view.wait_for_function(
        """(wanted) => {
          const shown = new URLSearchParams(document.querySelector('.vg').dataset.shown || '');
          return Object.entries(wanted).every(([key, value]) => shown.get(key) === value);
        }""",
        arg=form,
    )


def pixels(view: View) -> list[int]:
    """Return the stage as it is now, 32 x 32 RGBA."""
    return view.evaluate(_PIXELS)


def corner(view: View) -> tuple[int, ...]:
    """Return the colour in the top left corner of the stage."""
    return tuple(pixels(view)[:3])


def alike(seen: Sequence[float], wanted: Sequence[float]) -> bool:
    """Say whether a colour is what it should be, as far as a video codec keeps colours."""
    return all(abs(a - b) < 12 for a, b in zip(seen[:3], wanted, strict=True))


def wait_for_movement(view: View, still: list[int] | None = None, levels: int = 40) -> None:
    """Wait until some pixel of the stage is more than so many levels from what it was."""
    view.wait_for_function(
        f"""([before, levels]) =>
          ({_PIXELS})().some((level, k) => Math.abs(level - before[k]) > levels)""",
        arg=[still or pixels(view), levels],
    )


def drag(page: Page, label: str, start: float, end: float, steps: int = 25) -> None:
    """Drag a slider from one share of its length to another."""
    slider = page.get_by_role("slider", name=label, exact=True)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], middle, steps=steps)
    page.mouse.up()


def status(view: View) -> str:
    """Return what the status line says."""
    return view.locator("[data-role=status]").inner_text()


def wait_for_status(view: View, words: str) -> None:
    """Wait until the status line says so."""
    view.wait_for_function(
        """(words) => {
          const line = document.querySelector('[data-role=status]');
          return line && line.textContent.includes(words);
        }""",
        arg=words,
    )
