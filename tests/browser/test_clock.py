"""Playing time, without a page: animation frames come when the test says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidgen.ui import player

CLOCK = (Path(player.__file__).parent / "clock.js").read_text("utf-8")
# Plays a clip of four frames, 8 a second, through so many animation frames of half a frame each.
PLAYED = """([settings, ticks]) => {
  const waiting = [];
  window.requestAnimationFrame = (call) => waiting.push(call);
  const clock = createClock();
  const seen = [];
  clock.load(4, 8);
  clock.set(settings);
  clock.watch((frame) => seen.at(-1) !== frame && seen.push(frame));
  clock.play();
  for (let k = 0; k <= ticks; k++) for (const call of waiting.splice(0)) call(62.5 * k);
  return [seen, clock.state.playing];
}"""


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_page()
    page.add_script_tag(content=CLOCK)
    yield page
    page.close()


@pytest.mark.parametrize(
    ("settings", "ticks", "seen", "playing"),
    [
        ({}, 10, [0, 1, 2, 3, 0, 1], True),
        ({"speed": 0.25}, 10, [0, 1], True),
        ({"speed": 0.5}, 10, [0, 1, 2], True),
        ({"speed": 2}, 6, [0, 1, 2, 3, 0, 1, 2], True),
        ({"speed": 4}, 3, [0, 2, 0, 2], True),
        ({"repeat": "pingpong"}, 16, [0, 1, 2, 3, 2, 1, 0, 1, 2], True),
        ({"repeat": "once"}, 20, [0, 1, 2, 3], False),
    ],
)
def test_speed_and_repeat_decide_which_frame_is_seen_when(blank, settings, ticks, seen, playing):
    assert blank.evaluate(PLAYED, [settings, ticks]) == [seen, playing]
