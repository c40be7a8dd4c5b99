"""Favourites and history: kept in the browser, taken along in a file, never believed blindly."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from stage import (
    alike,
    drag,
    shown,
    status,
    wait_for,
    wait_for_picture,
    wait_for_status,
    wait_until,
)
from standin import ROWS, colour_of

from vidgen.request import from_form
from vidgen.ui.text import TEXT

LINK = "?release=first&class=1&seed=5&motion=7"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WORDS = TEXT["en"]
EVIL = "<img src=x onerror=window.pwned=1>${window.pwned=1}"
REFUSING = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } });"
)
FULL = (
    "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
)


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def star(page: Page):
    return button(page, WORDS["keep"])


def keep(page: Page, seed: int) -> None:
    """Go to a seed and keep it."""
    page.get_by_label("Seed A, any number").fill(str(seed))
    wait_for(page, seed=str(seed))
    expect(star(page)).to_have_attribute("aria-pressed", "false")
    star(page).click()
    expect(star(page)).to_have_attribute("aria-pressed", "true")


def drawer(page: Page):
    """Open the drawer."""
    found = page.get_by_role("dialog", name=WORDS["favourites"])
    if not found.is_visible():
        button(page, WORDS["favourites"]).click()
    expect(found).to_be_visible()
    return found


def names(page: Page, which: str = "kept") -> list[str]:
    return page.locator(f"[data-role={which}] .vg-go span").evaluate_all(
        "all => all.map((each) => each.firstChild.textContent)"
    )


def stored(page: Page, which: str = "favourites") -> list[dict]:
    return json.loads(page.evaluate(f"localStorage.getItem('vidgen:{which}')") or "[]")


def seeds(page: Page, which: str = "favourites") -> list[str]:
    return [parse_qs(each["query"])["seed"][0] for each in stored(page, which)]


def bring(page: Page, body: object, name: str = "file.json") -> None:
    """Import a file."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    page.locator("[data-role=import]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": data}
    )


def said(page: Page) -> str:
    return page.locator("[data-role=drawer-said]").inner_text()


def test_what_is_kept_is_there_after_a_reload_with_its_picture_and_leads_back(open_page, address):
    page = open_page(f"{address}/{LINK}&psi=0.5")
    wait_for_picture(page)
    star(page).click()
    wait_for_status(page, WORDS["kept_done"])
    page.goto(f"{address}/?release=second&class=0&seed=1&motion=0")
    wait_for_picture(page)
    expect(star(page)).to_have_attribute("aria-pressed", "false")
    drawer(page)
    assert names(page) == ["First model · swing · seed 5 · motion 7 · Typical to varied 0.5"]
    page.wait_for_selector("[data-role=kept] canvas[data-drawn]")
    seen = page.evaluate(
        """() => [...document.querySelector('[data-role=kept] canvas')
          .getContext('2d').getImageData(4, 4, 1, 1).data].slice(0, 3)"""
    )
    wanted = colour_of(from_form({"class": "1", "seed": "5", "motion": "7"}, ROWS))
    assert alike(seen, wanted)
    page.locator("[data-role=kept] .vg-go").click()
    wait_for(page, release="first", seed="5", motion="7", psi="0.5", **{"class": "1"})
    page.keyboard.press("Escape")
    expect(star(page)).to_have_attribute("aria-pressed", "true")
    button(page, "Undo").click()
    wait_for(page, release="second", seed="1")
    button(page, "Redo").click()
    wait_for(page, seed="5")
    star(page).click()  # once more, and it is none
    wait_for_status(page, WORDS["kept_undone"])
    assert stored(page) == []


def test_what_the_star_says_follows_the_language(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    star(page).click()
    wait_for_status(page, WORDS["kept_done"])
    button(page, WORDS["other_language"]).click()
    wait_for_status(page, TEXT["zh-CN"]["kept_done"])


def test_rename_delete_and_undo(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    for seed in (11, 12, 13):
        keep(page, seed)
    box = drawer(page)
    assert seeds(page) == ["13", "12", "11"]  # newest first
    twelve = "First model · swing · seed 12 · motion 7"
    button(page, f"Rename: {twelve}").click()
    page.get_by_role("textbox", name=f"Rename: {twelve}").fill(f"  my\n {EVIL} ")
    page.keyboard.press("Enter")
    expect(box).to_contain_text(f"my {EVIL}")
    assert names(page)[1] == f"my {EVIL}" and page.locator(".vg img").count() == 0
    assert page.evaluate("window.pwned") is None
    button(page, f"Rename: my {EVIL}").click()
    page.keyboard.type("something else")
    page.keyboard.press("Escape")  # leaves the name, and not the drawer
    expect(box).to_be_visible()
    assert names(page)[1] == f"my {EVIL}"
    button(page, f"Delete: my {EVIL}").click()
    assert seeds(page) == ["13", "11"]
    box.get_by_role("button", name="Undo").click()
    assert seeds(page) == ["13", "12", "11"]
    page.reload()
    wait_for_picture(page)
    drawer(page)
    assert names(page)[1] == f"my {EVIL}"
    button(page, f"Rename: my {EVIL}").click()
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(drawer(page)).to_contain_text(twelve)  # without a name of its own it is told in words


def test_the_history_holds_where_the_hand_rested_newest_first_and_once(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    entries = [
        {"query": f"release=first&class=0&seed={k}&motion=0", "name": "", "at": k}
        for k in range(60)
    ]  # fmt: skip
    page.evaluate("(all) => localStorage.setItem('vidgen:history', JSON.stringify(all))", entries)
    drag(page, "Seed A", 0.1, 0.6)
    seed = page.get_by_role("slider", name="Seed A", exact=True).input_value()
    wait_until(page, lambda: seeds(page, "history")[0] == seed)
    assert seeds(page, "history") == [seed, *[str(k) for k in range(59)]]
    page.get_by_label("Seed A, any number").fill("70")
    wait_until(page, lambda: seeds(page, "history")[0] == "70")
    button(page, "Undo").click()
    wait_until(page, lambda: seeds(page, "history")[0] == seed)
    assert seeds(page, "history")[:3] == [seed, "70", "0"]
    box = drawer(page)
    button(page, f"Keep: First model · swing · seed {seed} · motion 7").click()
    assert seeds(page) == [seed]
    button(page, "Clear").click()
    assert stored(page, "history") == [] and names(page, "history") == []
    box.get_by_role("button", name="Undo").click()
    assert len(names(page, "history")) == 60


def test_a_file_brings_the_same_states_and_the_same_bytes_to_another_browser(
    open_page, address, tmp_path
):
    page = open_page(f"{address}/{LINK}&t=0.25&seed_b=9&mix=0.5&class_b=2")
    wait_for_picture(page)
    star(page).click()
    drawer(page)
    button(page, f"Rename: {names(page)[0]}").click()
    page.keyboard.type("Halfway")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    button(page, "Compare").click()
    page.wait_for_selector("[data-side='2'][data-shown]")
    star(page).click()
    button(page, "Grid").click()
    page.get_by_role("combobox", name="What varies: Rows").select_option("psi")
    star(page).click()
    drawer(page)
    with page.expect_download() as download:
        button(page, "Export").click()
    file = Path(tmp_path, download.value.suggested_filename)
    download.value.save_as(file)
    body = json.loads(file.read_text("utf-8"))
    assert file.name == "vidgen-favourites.json" and body["vidgen"] == "favourites"
    assert [each["name"] for each in body["favourites"]] == ["", "", "Halfway"]

    friend = open_page(f"{address}/?release=second&class=0&seed=1&motion=0")
    wait_for_picture(friend)
    drawer(friend)
    bring(friend, file.read_bytes())
    expect(friend.locator("[data-role=kept] li")).to_have_count(3)
    assert said(friend) == "3 taken, 0 were here already, 0 refused."
    assert stored(friend) == stored(page)
    bring(friend, file.read_bytes())
    expect(friend.locator("[data-role=drawer-said]")).to_contain_text(
        "0 taken, 3 were here already"
    )
    friend.get_by_role("button", name="Halfway").first.click()
    wait_for(friend, t="0.25", mix="0.5", release="first")
    friend.keyboard.press("Escape")
    page.keyboard.press("Escape")
    button(page, "Stage").click()
    wait_for(page, t="0.25", mix="0.5")
    assert shown(friend) == shown(page)
    clips = [
        each.request.get(f"{address}/clip?{each.locator('.vg').get_attribute('data-shown')}").body()
        for each in (page, friend)
    ]
    assert clips[0] == clips[1]
    drawer(friend)
    friend.locator("[data-role=kept] .vg-go", has_text="Compare").click()
    friend.wait_for_selector("[data-side='2'][data-shown]")
    query = friend.locator("[data-side='2']").get_attribute("data-shown")
    assert query == page.locator("[data-side='2']").get_attribute("data-shown")
    friend.locator("[data-role=kept] .vg-go", has_text="Grid").click()
    friend.wait_for_selector(".vg-room[data-view=grid][data-shown*='y=psi']")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"no json", b"[]", b"null", b"7", {"vidgen": "favourites"},
        {"vidgen": "other", "favourites": []}, {"vidgen": "favourites", "favourites": {"0": 1}},
        b"[" * 100000, b'{"vidgen": "favourites", "favourites": [' + b" " * 1_100_000 + b"]}",
        b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_what_is_no_file_of_favourites_is_refused_in_words(open_page, address, body):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    keep(page, 3)
    drawer(page)
    bring(page, body)
    expect(page.locator("[data-role=drawer-said]")).to_have_text(WORDS["import_refused"])
    assert seeds(page) == ["3"]


def test_each_entry_of_a_file_is_read_on_its_own_and_what_is_refused_is_told(open_page, address):
    good = "?release=second&class=1.5&seed=4&motion=2"
    compared = "release=first&class=0&seed=1&motion=0&view=compare&with="
    links = [
        7, None, "", "x" * 2000, "release=gone&class=0&seed=1&motion=0", f"release={EVIL}",
        "release=first&class=99", "release=first&seed=-1", "release=first&seed=1e3",
        "release=first&psi=NaN", "release=first&frames=64&step=4", "release=first&seed=1&seed=2",
        "release=first&nope=1", "release=first&view=nope", "release=first&cols=seed*3",
        "release=first&view=grid&cols=seed*99", "release=first&walk=3,a", "release=first&at=2",
        "__proto__=1", f"{compared}seed:1", f"{compared}release:gone", f"{compared}{EVIL}",
        "release=first&with=release:first", "release=first&view=compare",
        "release=first&speed=2", "release=first&lang=zh-CN",
    ]  # fmt: skip
    entries = [{"link": link, "name": "bad"} for link in links]
    entries += [3, None, [], {"name": "no link"}]
    entries += [
        {"link": good, "name": EVIL, "kept": "2026-01-02T03:04:05Z"},
        {"link": good.replace("?", ""), "name": "again"},
        {"link": f"{compared}release:second,class:0,seed:0,walk:3,4,5,at:1.5,motion:0", "name": 7},
    ]
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    drawer(page)
    bring(page, {"vidgen": "favourites", "favourites": entries})
    expect(page.locator("[data-role=kept] li")).to_have_count(2)
    assert said(page) == f"2 taken, 1 were here already, {len(links) + 4} refused."
    told = page.locator("[data-role=refused] li").all_inner_texts()
    assert len(told) == 20
    assert told[0] == f"No. 1: {WORDS['wrong_entry']}"
    assert told[4] == "No. 5: the model “gone” is not here." and "img src" in told[5]
    assert told[6] == "No. 7: “class” cannot be “99” here."
    assert names(page)[0] == EVIL
    assert names(page)[1].startswith("Compare · First model · stone · seed 1")
    assert page.locator(".vg img").count() == 0 and page.evaluate("window.pwned") is None


def test_what_lies_in_the_storage_is_not_believed_and_nothing_of_it_is_lost(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    gone = {"query": "release=gone&class=0&seed=1&motion=0", "name": EVIL, "at": 1}
    others = [{"query": EVIL, "name": "", "at": "x"}, {"query": 7}, None, "text"]
    page.evaluate(
        """(all) => {
          localStorage.setItem('vidgen:favourites', JSON.stringify(all));
          localStorage.setItem('vidgen:history', '{"length": 1e9}');
        }""",
        [gone, *others],
    )
    page.reload()
    wait_for_picture(page)
    drawer(page)
    assert names(page) == [EVIL, WORDS["kept_gone"]]
    expect(page.locator("[data-role=kept] li").first).to_contain_text("“gone” is not here")
    expect(page.locator("[data-role=kept] .vg-go").first).to_be_disabled()
    page.keyboard.press("Escape")
    keep(page, 21)
    assert [each["query"] for each in stored(page)][1] == gone["query"]  # it may come back
    drawer(page)
    button(page, f"Delete: {EVIL}").click()
    assert len(stored(page)) == 2 and page.evaluate("window.pwned") is None


@pytest.mark.parametrize("script", [REFUSING, FULL])
def test_without_storage_it_works_for_the_session_and_says_so_once(open_page, address, script):
    page = open_page("about:blank")
    page.add_init_script(script)
    page.goto(f"{address}/{LINK}")
    wait_for_picture(page)
    star(page).click()
    wait_for_status(page, WORDS["kept_session"])
    page.get_by_label("Seed A, any number").fill("8")
    wait_for(page, seed="8")
    assert WORDS["kept_session"] not in status(page)
    star(page).click()
    wait_for_status(page, WORDS["kept_done"])
    drawer(page)
    assert len(names(page)) == 2
    page.locator("[data-role=kept] .vg-go").last.click()
    wait_for(page, seed="5")
    expect(page.locator("[data-role=history] li").first).to_be_visible()


def test_two_tabs_keep_each_others_favourites(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    other = page.context.new_page()
    other.goto(f"{address}/{LINK}")
    wait_for_picture(other)
    drawer(other)
    keep(page, 31)
    expect(other.locator("[data-role=kept] li")).to_have_count(1)  # told by the other tab
    other.keyboard.press("Escape")
    keep(other, 32)
    keep(page, 33)
    assert seeds(page) == ["33", "32", "31"] == seeds(other)


def test_of_many_entries_only_those_in_sight_ask_for_a_picture(open_page, address, engine):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    entries = [
        {"query": f"release=first&class=0&seed={k + 100}&motion=0", "name": f"no {k}", "at": k}
        for k in range(200)
    ]
    page.evaluate(
        "(all) => localStorage.setItem('vidgen:favourites', JSON.stringify(all))", entries
    )
    page.reload()
    wait_for_picture(page)
    engine.asked.clear()
    drawer(page)
    page.wait_for_function("document.querySelectorAll('.vg-drawer canvas[data-drawn]').length > 8")
    page.locator("[data-role=kept] li").nth(150).scroll_into_view_if_needed()
    page.wait_for_function(
        "'drawn' in document.querySelectorAll('[data-role=kept] canvas')[150].dataset"
    )
    asked = {request.content[0][0] for request in engine.asked}
    assert 250 in asked and len(asked) < 60
    page.locator("[data-role=kept] .vg-go").nth(150).click()
    wait_for(page, seed="250")


def test_by_keyboard_alone_and_single_keys_do_nothing_behind_it(open_page, address):
    page = open_page(f"{address}/{LINK}")
    wait_for_picture(page)
    keep(page, 41)
    keep(page, 42)
    button(page, WORDS["favourites"]).focus()
    page.keyboard.press("Enter")
    box = drawer(page)
    for key in ("r", "c", "]", "Control+z"):
        page.keyboard.press(key)
    second = page.locator("[data-role=kept] .vg-go").last
    for _ in range(12):
        page.keyboard.press("Tab")
        if second.evaluate("(node) => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    wait_for(page, seed="41", motion="7")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # delete
    assert seeds(page) == ["42"]
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused) == "Delete: First model · swing · seed 42 · motion 7"
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent") == WORDS["favourites"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "options"), [("en", {}), ("zh-CN", PHONE)])
def test_it_is_for_everyone(open_page, address, theme, lang, options):
    page = open_page(f"{address}/{LINK}&__theme={theme}&lang={lang}", **options)
    wait_for_picture(page)
    words = TEXT[lang]
    button(page, words["keep"]).click()
    page.get_by_role("slider", name=words["psi"], exact=True).fill("0.5")
    wait_until(page, lambda: len(stored(page, "history")) == 1)
    button(page, words["favourites"]).click()
    page.locator("[data-role=history] li").wait_for()
    entry = {"link": "release=gone", "name": ""}
    bring(page, {"vidgen": "favourites", "favourites": [entry]})
    page.locator("[data-role=refused] li").wait_for()
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(each["id"], node["html"]) for each in serious for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.get_by_role("dialog").bounding_box()
    assert box and box["x"] >= 0 and box["width"] <= 440
    assert page.get_by_role("dialog").evaluate("(node) => node.scrollWidth <= node.clientWidth")
    text = page.locator(".vg-drawer").inner_text()
    assert not [key for key in words if "_" in key and key in text] and "{" not in text
    page.locator("[data-role=kept] .vg-go").click()
    wait_for(page, psi="1")
    if options:
        expect(page.get_by_role("dialog")).to_be_hidden()  # it would lie over the picture


def test_a_teachers_link_leaves_them_out(open_page, address):
    page = open_page(f"{address}/{LINK}&hide=favourites")
    wait_for_picture(page)
    expect(star(page)).to_be_hidden()
    expect(button(page, WORDS["favourites"])).to_be_hidden()
