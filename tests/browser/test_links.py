"""Links and languages: an address is shown as far as it is legal, and never run."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest
from stage import address_of, drag, shown, status, wait_for, wait_for_picture, wait_for_status

from vidgen.ui.text import TEXT

EVIL = "${window.pwned=1}{{window.pwned=1}}<img src=x onerror=window.pwned=1>\"'`"


def query_of(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def test_a_link_shows_what_its_sender_saw(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    drag(page, "Seed A", 0.0, 0.4)
    page.get_by_role("slider", name="A to B", exact=True).fill("0.5")
    page.get_by_role("button", name="swing").click()
    wait_for(page, t="0.5", **{"class": "1"})
    page.wait_for_function("() => new URLSearchParams(location.search).get('class') === '1'")
    sent = shown(page)
    friend = open_page(address_of(page))
    wait_for_picture(friend)
    assert shown(friend) == sent
    value = friend.get_by_role("slider", name="Seed A", exact=True).input_value()
    assert value == sent["seed"]


def test_without_a_word_about_b_the_walk_leads_somewhere(open_page, address):
    page = open_page(f"{address}/?seed=4294967295")
    wait_for_picture(page)
    page.get_by_role("slider", name="A to B", exact=True).fill("0.5")
    wait_for(page, t="0.5", seed="4294967295", seed_b="0")


def test_copy_link_gives_the_newest_state(open_page, address):
    page = open_page(address, permissions=["clipboard-read", "clipboard-write"])
    wait_for_picture(page)
    page.get_by_role("slider", name="Seed A", exact=True).fill("77")
    page.get_by_role("button", name="Copy link").click()
    wait_for_status(page, "clipboard")
    assert query_of(page.evaluate("navigator.clipboard.readText()"))["seed"] == "77"


def test_an_address_that_is_not_legal_is_told_and_the_rest_is_shown(open_page, address):
    page = open_page(f"{address}/?class=99&psi=NaN&seed=42&frames=1e99")
    wait_for_picture(page)
    assert shown(page).items() >= {"seed": "42", "class": "2", "psi": "1", "frames": "64"}.items()
    said = status(page)
    assert TEXT["en"]["link_nearest"] in said
    assert "class is 99" in said and "psi is NaN" in said and "frames is" in said
    page.get_by_role("slider", name="Seed A", exact=True).fill("43")
    wait_for(page, seed="43")
    assert status(page) == ""


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("view=nope", "“view” cannot be “nope” here."),
        ("view=wall", "“view” cannot be “wall” here."),  # the stand-in has none
        ("speed=7&view=grid&cols=a*4", "“speed” cannot be “7” here. “cols” cannot be “a*4” here."),
        ("view=path&along=<b>&place=99", "“along” cannot be “<b>” here. “place” cannot be “99”"),
        ("view=path&place=9&speed=2", ""),
    ],
)
def test_a_view_or_a_look_that_is_not_here_is_told_too(open_page, address, asked, told):
    page = open_page(f"{address}/?release=first&class=0&seed=5&motion=7&{asked}")
    page.wait_for_selector(".vg-room[data-shown], .vg[data-state=shown]")
    assert (TEXT["en"]["link_nearest"] in status(page)) is bool(told) and told in status(page)
    if told:
        page.get_by_role("button", name="中文").click()
        assert TEXT["zh-CN"]["link_nearest"] in status(page)
        page.get_by_role("slider", name="种子 A", exact=True).fill("43")
        page.wait_for_function("document.querySelector('[data-role=status]').textContent === ''")


def test_code_in_an_address_stays_text(open_page, address):
    keys = ["release", "class", "seed", "lang", "__theme", "other"]
    page = open_page(f"{address}/?{'&'.join(f'{key}={quote(EVIL)}' for key in keys)}")
    wait_for_picture(page)
    assert "release is" in status(page)
    assert page.evaluate("window.pwned") is None
    assert page.locator(".vg img").count() == 0


def test_code_in_a_name_stays_text_in_every_view(open_page, address):
    """Release files hold no markup (test_release); what a server says is shown as text anyway."""

    def change(route) -> None:
        start = route.fetch().json()
        for release in start["releases"]:
            release["title"] = {"en": EVIL, "zh": EVIL}
            release["classes"][0] |= {"en": EVIL, "zh": EVIL}
        route.fulfill(json=start)

    page = open_page("about:blank")
    page.route("**/start*", change)
    page.goto(f"{address}/?release=first&class=0.5&seed=5&motion=7")
    wait_for_picture(page)
    words = TEXT["en"]
    chips = page.locator("[data-role=chips] button").all_inner_texts()
    assert chips == [EVIL, "swing", "drop"]
    assert EVIL in (page.get_by_role("img").get_attribute("aria-label") or "")
    page.get_by_role("button", name=words["keep"]).click()
    page.get_by_role("button", name=words["favourites"]).click()
    named = f"stgan · first · {EVIL} · 64×64"  # the other has the same title
    page.get_by_role("dialog").get_by_text(f"{named} · 50% {EVIL} + 50% swing").first.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.get_by_role("dialog").get_by_role("heading", name=named).wait_for()
    page.keyboard.press("Escape")
    for view in ("Path", "Grid", "Compare"):
        page.get_by_role("button", name=view, exact=True).click()
        if view == "Path":
            page.get_by_role("combobox", name="Along").select_option("mix")
        if view == "Grid":
            page.get_by_role("combobox", name="What varies: Rows").select_option("class")
        page.locator(".vg-room:visible").get_by_text(EVIL).first.wait_for()
    assert page.evaluate("window.pwned") is None and page.locator(".vg img").count() == 0


def test_the_routes_answer_what_is_not_legal_with_words_and_no_500(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    answers = page.evaluate(
        """async (values) => {
          const answers = [];
          for (const [key, value] of values) {
            for (const path of ['clip', 'export']) {
              const answer = await fetch(`${path}?${new URLSearchParams({ [key]: value })}`);
              answers.push([answer.status, (await answer.json()).message]);
            }
            answers.push([(await fetch(`start?${new URLSearchParams({ [key]: value })}`)).status]);
          }
          return answers;
        }""",
        [["class", "-1"], ["seed", "4294967296"], ["frames", "1e9"], ["psi", EVIL], ["x", EVIL]],
    )
    assert [answer[0] for answer in answers] == [422, 422, 200] * 5
    assert all(answer[1] for answer in answers if answer[0] == 422)


CHINESE = [
    ("zh-CN", ""),
    ("zh", ""),
    ("zh-Hans-CN", ""),
    ("en-US", "?lang=zh-CN"),
]


@pytest.mark.parametrize(("locale", "query"), CHINESE)
def test_the_chinese_page_is_chinese(open_page, address, locale, query):
    page = open_page(f"{address}/{query}", locale=locale)
    wait_for_picture(page)
    words = TEXT["zh-CN"]
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title() == words["title"]
    text = page.locator(".vg").inner_text()
    for key in ("tagline", "seed", "t", "seed_b", "motion", "class_help", "download", "fold_time"):
        assert words[key] in text
    assert "石头" in text and "模型一" in text
    assert page.get_by_role("slider", name="种子 A", exact=True).count() == 1
    # No raw key, no brace that nobody filled in, and none of the English words.
    assert not any(key in text for key in words if "_" in key)
    assert "{" not in text and "__i18n__" not in text
    english = TEXT["en"]
    left = [key for key in english if english[key] in text and len(english[key]) > 7]
    assert left == []


def test_an_english_page_is_english_and_lang_wins_over_the_browser(open_page, address):
    page = open_page(f"{address}/?lang=en", locale="zh-CN")
    wait_for_picture(page)
    assert page.title() == TEXT["en"]["title"]
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "种子" not in page.locator(".vg").inner_text()


def test_errors_are_in_the_language_of_the_page(open_page, address, engine):
    page = open_page(f"{address}/?lang=zh-CN&class=99")
    wait_for_picture(page)
    assert "类别为 99" in status(page)
    engine.fault = RuntimeError("broken")
    page.get_by_role("slider", name="种子 A", exact=True).fill("55")
    wait_for_status(page, "服务器")


def test_the_language_can_be_changed_on_the_page_and_stays_in_the_link(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    page.get_by_role("slider", name="Seed A", exact=True).fill("9")
    wait_for(page, seed="9")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("slider", name="种子 A", exact=True).wait_for()
    assert shown(page)["seed"] == "9"
    page.wait_for_function("() => new URLSearchParams(location.search).get('lang') === 'zh-CN'")
    page.reload()
    page.get_by_role("slider", name="种子 A", exact=True).wait_for()


def test_the_api_page_documents_both_endpoints(open_page, address):
    page = open_page(address)
    wait_for_picture(page)
    page.get_by_role("button", name="API", exact=True).click()
    page.get_by_text("/generate").first.wait_for()
    page.get_by_text("/path").first.wait_for()
    assert page.get_by_text("class_position").count() > 0


def test_the_address_is_short_and_leaves_out_what_is_neutral(open_page, address):
    page = open_page(f"{address}/?utm=7")
    wait_for_picture(page)
    page.get_by_role("slider", name="Seed A", exact=True).fill("77")
    wait_for(page, seed="77")
    page.wait_for_function("() => location.search.includes('seed=77')")
    assert urlsplit(address_of(page)).query == "release=first&class=0&seed=77&motion=0&utm=7"
    page.get_by_role("button", name="Pixels").click()
    page.get_by_label("Speed").select_option("0.5")
    page.get_by_label("Repeat", exact=True).select_option("pingpong")
    page.get_by_role("slider", name="A to B", exact=True).fill("0.5")
    page.wait_for_function("() => location.search.includes('t=0.5')")
    assert query_of(address_of(page)) == {
        "release": "first", "class": "0", "seed": "77", "seed_b": "78", "t": "0.5", "motion": "0",
        "speed": "0.5", "repeat": "pingpong", "pixels": "1", "utm": "7",
    }  # fmt: skip
    friend = open_page(address_of(page))
    wait_for_picture(friend)
    assert shown(friend) == shown(page)
    assert friend.get_by_label("Repeat", exact=True).input_value() == "pingpong"
    assert friend.get_by_label("Speed").input_value() == "0.5"
    pressed = friend.get_by_role("button", name="Pixels").get_attribute("aria-pressed")
    assert pressed == "true"


def test_a_link_of_the_first_page_means_what_it_meant(open_page, address, engine):
    """It held these eleven keys, all of them always."""
    old = (
        "release=second&class=0.5&seed=5&seed_b=9&t=0.25&motion=3&psi=0.75&frames=12&start=2"
        "&step=0.5&loop=1"
    )
    page = open_page(f"{address}/?{old}")
    wait_for_picture(page)
    assert shown(page) == dict(parse_qsl(old))
    made = engine.asked[-1]
    assert made.classes == ((0, 0.5), (1, 0.5)) and made.content == ((5, 0.75), (9, 0.25))
    assert (made.motion, made.psi, made.frames) == (((3, 1.0),), 0.75, 12)
    assert (made.start, made.step, made.loop) == (2.0, 0.5, True)


def test_a_teachers_link_hides_controls_and_leaves_them_as_they_are(open_page, address):
    page = open_page(f"{address}/?psi=0.5&motion=7&hide=psi,motion,looks,<b>&lang=zh-CN&view=nope")
    wait_for_picture(page)
    words = TEXT["zh-CN"]
    for key in ("psi", "motion", "loop"):
        assert page.get_by_label(words[key], exact=True).is_hidden()
    assert page.get_by_label(words["speed"]).is_hidden()
    assert page.get_by_role("slider", name=words["seed"], exact=True).is_visible()
    page.get_by_role("button", name=words["surprise"]).click()
    page.get_by_role("button", name=words["reset"], exact=True).click()
    wait_for(page, seed="0", psi="0.5", motion="7")
    page.keyboard.press("l")
    page.get_by_role("slider", name=words["t"], exact=True).fill("0.5")
    wait_for(page, t="0.5", loop="0")
    page.wait_for_function("() => location.search.includes('t=0.5')")
    query = query_of(address_of(page))
    assert query["hide"] == "psi,motion,looks,<b>" and query["lang"] == "zh-CN"
    assert "view" not in query


def test_hiding_the_plane_leaves_the_picture_to_be_pressed_only(open_page, address):
    page = open_page(f"{address}/?hide=plane&release=first&class=0&seed=1&motion=0")
    wait_for_picture(page)
    box = page.get_by_role("img").bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 250, steps=5)
    page.mouse.up()
    page.get_by_role("slider", name="Seed A", exact=True).fill("2")
    wait_for(page, seed="2", t="0")


def test_the_link_is_copied_where_the_newer_clipboard_is_refused(open_page, address):
    page = open_page(address, permissions=["clipboard-read", "clipboard-write"])
    wait_for_picture(page)
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
    )
    page.get_by_role("slider", name="Seed A", exact=True).fill("78")
    page.get_by_role("button", name="Copy link").click()
    wait_for_status(page, "clipboard")
    assert "seed=78" in page.evaluate("navigator.clipboard.readText()")
    assert page.evaluate("document.activeElement.textContent") == "Copy link"
