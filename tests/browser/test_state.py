"""The state's own laws, without a page: undo, locks, what is legal, links that keep their word."""

from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from standin import ROWS

from vidgen.legal import LIMITS
from vidgen.request import from_form
from vidgen.ui import player
from vidgen.ui.answers import described
from vidgen.ui.link import WHOLE, read_link

UI = Path(player.__file__).parent
FIRSTS = {"first": {"class": "1", "psi": "0.5", "loop": "1"}, "second": {"seed": "9", "step": "2"}}
START = {
    "limits": LIMITS,
    "releases": [described(row, FIRSTS[row.name], wall=False) for row in ROWS],
}
FAR_ENDS = {"class_b", "seed_b", "seed_c", "seed_d", "motion_b"}  # said wherever they play a part
SCRIPTS = ("form.js", "families.js", "rules.js", "store.js", "address.js")
TELL = """(form) => {
  const looks = { view: 'stage', speed: 1, repeat: 'loop', pixels: 0, onion: 0 };
  const state = { ...rules.settle(rules.complete(form), ['release']), ...looks };
  const pairs = linkPairs(state, rules, ['stage']).map(([key, value]) => [key, String(value)]);
  return [pairs, clipQuery(rules.asked(state), '')];
}"""


@pytest.fixture(scope="module")
def blank(browser):
    """A blank page that knows the scripts of the state, and `rules` of the stand-in's releases."""
    page = browser.new_page()
    page.add_script_tag(content="\n".join((UI / name).read_text("utf-8") for name in SCRIPTS))
    page.evaluate("(start) => { window.rules = createRules(start); }", START)
    yield page
    page.close()


def random_form(dice: random.Random) -> dict[str, str]:
    """Return a form that a hand may have made: legal numbers, some of them left alone."""
    form = {"release": dice.choice(ROWS).name}
    for key, (low, high) in {**LIMITS, "class": (0, 2), "class_b": (0, 2)}.items():
        if dice.random() < 0.6:
            whole = key.startswith("seed") or key in ("motion", "motion_b", "frames", "loop")
            value = dice.choice((low, high, dice.uniform(low, high)))
            form[key] = f"{round(value) if whole else round(value, 3):.15g}"
    if dice.random() < 0.2:
        form |= {"walk": ",".join(str(dice.randrange(99)) for _ in range(3)), "at": "2.5"}
    else:
        form.pop("at", None)
    return form


def test_a_link_shows_the_same_on_a_fresh_page_and_never_says_more_than_it_must(blank):
    dice = random.Random(0)
    for _ in range(300):
        pairs, asked = blank.evaluate(TELL, random_form(dice))
        link = dict(pairs)
        assert link.keys() >= WHOLE
        state = read_link(link, ROWS, FIRSTS)
        assert state.problems == ()
        again, asked_again = blank.evaluate(TELL, state.form)
        assert asked_again == asked and again == pairs
        query = dict(parse_qsl(asked, keep_blank_values=True))
        assert from_form(query, ROWS, strict=True) == from_form(link, ROWS)
        for key in link.keys() - WHOLE - FAR_ENDS:  # each key that is there makes a difference
            less = {name: value for name, value in link.items() if name != key}
            assert blank.evaluate(TELL, less)[0] != pairs, (key, link)


def test_whatever_the_hand_does_the_server_takes_it(blank):
    dice = random.Random(1)
    form = {"release": "first"}
    for _ in range(400):
        key, value = dice.choice([*random_form(dice).items()])
        form = blank.evaluate(
            """([form, key, value]) =>
              rules.settle({ ...rules.complete(form), [key]: value }, [key], form)""",
            [form, key, value],
        )
        query = blank.evaluate("(form) => clipQuery(rules.asked(form), '')", form)
        from_form(dict(parse_qsl(query, keep_blank_values=True)), ROWS, strict=True)


def test_an_end_that_nobody_has_chosen_stays_next_to_its_beginning_until_it_is_seen(blank):
    ends = blank.evaluate(
        """() => {
          const store = createStore(rules.settle);
          const ends = [];
          const set = (patch) => {
            store.set(patch);
            const { seed_b, seed_c, class_b, motion_b } = store.get();
            ends.push([seed_b, seed_c, class_b, motion_b]);
          };
          store.begin(rules.complete({ release: 'first' }));
          set({ seed: 5, class: 1.5, motion: 4294967295 });
          set({ t: 0.5 });
          set({ seed: 7, class: 2 });
          set({ seed_c: 99 });
          set({ t: 0, seed: 8 });
          return ends;
        }"""
    )
    assert ends == [[6, 7, 2, 0], [6, 7, 2, 0], [6, 9, 0, 0], [6, 99, 0, 0], [6, 99, 0, 0]]


def test_undo_and_redo_walk_over_gestures_and_end_where_they_began(blank):
    seen = blank.evaluate(
        """() => {
          const store = createStore((state) => state);
          const seen = [];
          store.listen((state, changed) => seen.push([{ ...state }, [...changed]]));
          store.begin({ a: 0, b: 0 });
          const drag = {};
          for (const a of [1, 2, 3]) store.set({ a }, { gesture: drag });
          store.set({ b: 5 }, { gesture: {} });
          store.set({ b: 5 });
          const steps = [];
          while (store.canUndo()) { store.undo(); steps.push({ ...store.get() }); }
          store.undo();
          while (store.canRedo()) { store.redo(); steps.push({ ...store.get() }); }
          store.undo();
          store.set({ a: 7 }, { gesture: drag });
          return { seen, steps, redo: store.canRedo(), state: store.get() };
        }"""
    )
    both = [{"a": 3, "b": 0}, {"a": 0, "b": 0}, {"a": 3, "b": 0}, {"a": 3, "b": 5}]
    assert seen["steps"] == both
    assert [changed for _, changed in seen["seen"][:5]] == [["a", "b"], ["a"], ["a"], ["a"], ["b"]]
    assert seen["redo"] is False and seen["state"] == {"a": 7, "b": 0}


def test_what_is_locked_is_left_alone_by_all_but_the_hand(blank):
    state = blank.evaluate(
        """() => {
          const store = createStore((state) => state);
          store.begin({ a: 0, b: 0 });
          store.lock('a', true);
          store.setFree({ a: 1, b: 1 });
          const kept = { ...store.get() };
          store.set({ a: 2 });
          store.lock('a', false);
          store.setFree({ b: 3, a: 3 });
          return [kept, store.get()];
        }"""
    )
    assert state == [{"a": 0, "b": 1}, {"a": 3, "b": 3}]


LOCKED = """([form, locked, patch]) => {
  const store = createStore(rules.settle);
  store.begin(rules.complete({ release: 'first', ...form }));
  for (const key of locked) store.lock(key, true);
  store.setFree(patch);
  return store.get();
}"""


@pytest.mark.parametrize("key", [*sorted(FAR_ENDS), "frames", "step", "start"])
def test_what_is_locked_does_not_follow_what_is_not(blank, key):
    form = {"frames": 64, "step": 0.5, "start": 8}
    before = blank.evaluate(LOCKED, [form, [], {}])
    for patch in (
        {"seed": 500, "motion": 500, "class": 1},
        {"step": 4}, {"frames": 40, "step": 4}, {"start": 56}, {"loop": 1, "step": 2},
        {"release": "second"},
    ):  # fmt: skip
        after = blank.evaluate(LOCKED, [form, [key], patch])
        assert after[key] == before[key], patch
        query = blank.evaluate("(form) => clipQuery(rules.asked(form), '')", after)
        from_form(dict(parse_qsl(query, keep_blank_values=True)), ROWS, strict=True)
    moved = blank.evaluate(LOCKED, [form, [], {"seed": 500, "motion": 500, "class": 1}])
    assert (moved[key] != before[key]) is (key in FAR_ENDS)  # it would have followed


def test_of_two_that_the_hand_moves_the_locked_one_stays(blank):
    """Frames and step share the time that was trained: the hand's own value gives way to a lock."""
    held = blank.evaluate(LOCKED, [{"frames": 64}, ["frames"], {"step": 4}])
    assert held["frames"] == 64 and held["step"] == 1
    held = blank.evaluate(LOCKED, [{"step": 2}, ["step"], {"frames": 64}])
    assert held["step"] == 2 and held["frames"] == 32
