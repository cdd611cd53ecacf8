"""The widget as a customer meets it, against a server that does what the protocol page says."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from .fake_app import FakeWarmline
from .fake_customer import Conversation, Json

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'


async def connected(page: Page) -> None:
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "live")


async def open_chat(page: Page, warmline: FakeWarmline, path: str = "/blank") -> Conversation:
    await page.goto(warmline.url + path)
    await page.get_by_test_id("open-chat").click()
    await connected(page)
    return warmline.customer.only


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("chat-input").fill(text)
    await page.get_by_test_id("chat-input").press("Enter")


def bubbles(page: Page) -> Locator:
    return page.get_by_test_id("chat-log").get_by_test_id("message")


async def test_nothing_is_asked_of_the_server_before_the_chat_is_opened(page: Page, warmline: FakeWarmline) -> None:
    await page.goto(warmline.url + "/blank")
    await expect(page.get_by_test_id("open-chat")).to_be_visible()
    assert set(warmline.requests) == {"/blank", "/widget.js"}
    assert await page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


async def test_a_customer_asks_and_is_answered(page: Page, warmline: FakeWarmline) -> None:
    warmline.customer.bot = lambda _conversation, text: [(f"You asked: {text}", [])]
    await open_chat(page, warmline)
    await write(page, "Where is my order?")
    await expect(bubbles(page)).to_have_count(2)
    await expect(bubbles(page).nth(0)).to_contain_text("Where is my order?")
    await expect(bubbles(page).nth(1)).to_contain_text("You asked: Where is my order?")
    await expect(page.get_by_text("Sending")).to_have_count(0)


async def test_a_suggested_answer_is_chosen_and_goes_away(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Shall I cancel it?", buttons=["Yes, cancel", "No"])
    await page.get_by_test_id("quick-reply").filter(has_text="Yes").click()
    await expect(bubbles(page).nth(1)).to_contain_text("Yes, cancel")
    await expect(page.get_by_test_id("quick-reply")).to_have_count(0)
    await expect(page.get_by_test_id("chat-input")).to_be_focused()


async def test_a_lost_connection_is_said_and_resumed_without_doubles(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await write(page, "First")
    await expect(bubbles(page)).to_have_count(1)
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    await expect(page.get_by_test_id("chat-line")).to_be_visible()
    await write(page, "Written while the line was down")
    await warmline.customer.say(conversation, "Said while the line was down")
    warmline.customer.refuse_streams = False
    await connected(page)
    await expect(bubbles(page)).to_have_text(
        [re.compile("First"), re.compile("Said while"), re.compile("Written while")]
    )
    assert [message["seq"] for message in conversation.messages] == [1, 2, 3]


async def test_a_message_whose_acknowledgement_was_lost_is_stored_once(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    warmline.customer.lose_next_accepted = True
    await write(page, "Refund my kettle, please")
    await connected(page)
    await expect(page.get_by_text("Sending")).to_have_count(0)
    await expect(bubbles(page)).to_have_count(1)
    assert len(conversation.messages) == 1


async def test_a_missing_message_is_asked_for(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "One")
    sockets, conversation.sockets = conversation.sockets, set()
    await warmline.customer.say(conversation, "Two")
    conversation.sockets = sockets
    await warmline.customer.say(conversation, "Three")
    await expect(bubbles(page)).to_have_text([re.compile("One"), re.compile("Two"), re.compile("Three")])


async def test_a_message_over_the_limit_is_refused_before_it_is_sent(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await page.get_by_test_id("chat-input").fill("x" * 3990)
    await expect(page.get_by_test_id("chat-counter")).to_contain_text("10")
    await write(page, "x" * 4007)
    await expect(page.get_by_test_id("chat-counter")).to_contain_text("7")
    assert await page.get_by_test_id("chat-input").input_value() == "x" * 4007
    # Four thousand emoji are four thousand characters, though eight thousand in UTF-16.
    await write(page, "🙂" * 4000)
    await expect(bubbles(page)).to_have_count(1)
    assert len(conversation.messages[0]["text"]) == 4000


async def test_hostile_text_is_text_everywhere(page: Page, warmline: FakeWarmline) -> None:
    warmline.customer.wording = {**warmline.customer.wording, "greeting": HOSTILE, "banner_case": HOSTILE}
    conversation = await open_chat(page, warmline)
    await write(page, HOSTILE)
    await warmline.customer.say(conversation, HOSTILE, name=HOSTILE, buttons=[HOSTILE])
    await expect(page.get_by_test_id("quick-reply")).to_have_text(HOSTILE)
    await warmline.customer.say(conversation, HOSTILE, "system", notice=HOSTILE)
    conversation.owner = {"type": "agent", "name": HOSTILE, "version": 2}
    await warmline.customer.hand_over(conversation, queue=HOSTILE, number=HOSTILE, agent_name=HOSTILE)
    await warmline.customer.push(conversation, {"type": "typing", "sender": "agent", "name": HOSTILE, "for_ms": 2000})
    await expect(page.get_by_test_id("typing")).to_contain_text(HOSTILE)
    await expect(bubbles(page)).to_have_count(4)
    for index in range(3):
        await expect(bubbles(page).nth(index)).to_contain_text(HOSTILE)
    assert await page.evaluate("window.broken") is None
    root = "document.querySelector('warmline-widget').shadowRoot"
    assert await page.evaluate(f"{root}.querySelectorAll('img, script').length") == 0


async def test_only_https_addresses_become_links(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    text = "See https://larkfield.example/returns, not http://plain.example or javascript:alert(1)."
    await warmline.customer.say(conversation, text)
    link = bubbles(page).locator("a")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "https://larkfield.example/returns")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(bubbles(page)).to_contain_text(text)


async def test_a_person_is_one_tap_away_and_the_wait_is_told(page: Page, warmline: FakeWarmline) -> None:
    """P3, P22, P23: asked for at any time; queue, place and next update are in sight."""
    conversation = await open_chat(page, warmline)
    await page.get_by_test_id("talk-to-person").click()
    await expect(bubbles(page)).to_have_count(1)
    await warmline.customer.hand_over(conversation)
    banner = page.get_by_test_id("chat-banner")
    await expect(banner).to_contain_text("Billing")
    await expect(banner).to_contain_text("number 2")
    await expect(banner).to_contain_text("5 to 15 minutes")
    await expect(banner).to_contain_text(re.compile(r"\d\d:\d\d"))
    await expect(page.get_by_test_id("talk-to-person")).to_be_visible()
    conversation.owner = {"type": "agent", "name": "Ana Duarte", "version": 3}
    conversation.case = {**(conversation.case or {}), "status": "active", "agent_name": "Ana Duarte", "position": None}
    await warmline.customer.push_state(conversation)
    await expect(banner).to_contain_text("Ana Duarte")
    await expect(banner).not_to_contain_text("number 2")


async def test_the_customer_rates_and_reopens(page: Page, warmline: FakeWarmline) -> None:
    """P26, P27: a rating after the case, and one tap when it did not work."""
    conversation = await open_chat(page, warmline)
    await warmline.customer.hand_over(conversation)
    conversation.owner = {"type": "bot", "name": "Larkfield assistant", "version": 4}
    solved: Json = {**(conversation.case or {}), "status": "closed", "can_rate": True, "can_reopen": True}
    conversation.case = solved
    await warmline.customer.push_state(conversation)
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_test_id("survey")).to_contain_text("1 to 5")
    await page.get_by_role("group", name="recommend us").get_by_role("radio", name="9", exact=True).check()
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_test_id("survey")).to_contain_text("1 to 5")
    await page.get_by_role("radio", name="4 of 5").check()
    await page.get_by_test_id("survey-comment").fill("Quick and kind")
    await page.get_by_test_id("survey-send").click()
    await expect(page.get_by_test_id("survey-done")).to_be_visible()
    assert conversation.surveys == [
        {"type": "survey", "case_id": "case-1", "csat": 4, "nps": 9, "comment": "Quick and kind"},
    ]
    await page.get_by_test_id("reopen").click()
    await expect(bubbles(page).last).to_contain_text("It did not work")


async def test_the_latest_answer_is_rated_and_the_choice_is_there_on_return(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Hello")
    await expect(bubbles(page)).to_have_count(1)
    await expect(page.get_by_test_id("rating")).to_have_count(0)
    first = await warmline.customer.say(conversation, "Two years.", can_rate=True)
    second = await warmline.customer.say(conversation, "Thirty days.", can_rate=True)
    rating = page.get_by_test_id("rating")
    await expect(bubbles(page).last).to_contain_text("Thirty days.")
    await expect(rating).to_have_count(1)
    under = "element => element.previousElementSibling.dataset.seq"
    assert await rating.evaluate(under) == str(second["seq"])
    await expect(rating.get_by_role("button")).to_have_count(2)
    helpful = rating.get_by_role("button", name="Helpful", exact=True)
    await expect(helpful).to_have_attribute("aria-pressed", "false")
    await helpful.click()
    await expect(helpful).to_have_attribute("aria-pressed", "true")
    await expect(rating.get_by_role("status")).to_contain_text("Thank you")
    await expect(rating.get_by_role("button")).to_have_count(2)
    assert [message["rating"] for message in (first, second)] == [None, "helpful"]
    await open_chat(page, warmline)
    await expect(helpful).to_have_attribute("aria-pressed", "true")


async def test_an_answer_that_did_not_help_leaves_two_ways_to_go_on(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    answer = await warmline.customer.say(conversation, "Two years.", can_rate=True)
    await page.get_by_role("button", name="Not helpful").click()
    await expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
    assert answer["rating"] == "unhelpful"
    await page.get_by_test_id("ask-differently").click()
    await expect(page.get_by_test_id("chat-input")).to_be_focused()
    await page.get_by_test_id("rate-person").click()
    await expect(bubbles(page).last).to_contain_text("Talk to a person")
    # Changed one's mind: the ways on go away again.
    await page.get_by_role("button", name="Helpful", exact=True).click()
    await expect(page.get_by_test_id("ask-differently")).to_have_count(0)
    assert answer["rating"] == "helpful"


async def test_a_rating_given_in_one_tab_shows_in_the_other_and_none_is_asked_while_a_human_owns(
    page: Page, context: BrowserContext, warmline: FakeWarmline
) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Two years.", can_rate=True)
    other = await context.new_page()
    await open_chat(other, warmline)
    await other.get_by_test_id("rate-unhelpful").click()
    await expect(page.get_by_test_id("rate-unhelpful")).to_have_attribute("aria-pressed", "true")
    await warmline.customer.hand_over(conversation)
    await expect(page.get_by_test_id("chat-banner")).to_contain_text("Billing")
    await expect(page.get_by_test_id("rating")).to_be_hidden()


async def test_a_rating_that_cannot_be_sent_says_so(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Two years.", can_rate=True)
    await expect(page.get_by_test_id("rating")).to_be_visible()
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    await expect(page.get_by_test_id("chat-line")).not_to_have_attribute("data-status", "live")
    await page.get_by_test_id("rate-helpful").click()
    await expect(page.get_by_test_id("rating")).to_contain_text("try again")
    await expect(page.get_by_test_id("rate-helpful")).to_have_attribute("aria-pressed", "false")


async def test_the_rating_has_large_targets_that_stay_in_place_and_is_reached_by_keyboard(
    page: Page, warmline: FakeWarmline
) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.emulate_media(reduced_motion="reduce")
    conversation = await open_chat(page, warmline)
    await warmline.customer.say(conversation, "Two years.", can_rate=True)
    buttons = [page.get_by_test_id("rate-helpful"), page.get_by_test_id("rate-unhelpful")]
    before = [await button.bounding_box() for button in buttons]
    for box in before:
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await expect(buttons[1]).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(buttons[0]).to_have_attribute("aria-pressed", "true")
    await expect(buttons[0]).to_be_focused()
    assert [await button.bounding_box() for button in buttons] == before


async def test_the_whole_way_by_keyboard(page: Page, warmline: FakeWarmline) -> None:
    warmline.customer.bot = lambda _conversation, _text: [("Is it this one?", ["Yes", "No"])]
    await page.goto(warmline.url + "/blank")
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("open-chat")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("chat-input")).to_be_focused()
    await connected(page)
    await page.keyboard.type("Where is")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("my order?")
    await page.keyboard.press("Enter")
    await expect(bubbles(page).nth(0)).to_contain_text("Where is\nmy order?")
    await expect(page.get_by_test_id("quick-reply")).to_have_count(2)
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_test_id("quick-reply").nth(1)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(bubbles(page).nth(2)).to_contain_text("No")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("chat-panel")).to_be_hidden()
    await expect(page.get_by_test_id("open-chat")).to_be_focused()


async def test_the_history_is_there_on_return(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline)
    await write(page, "I shall be back")
    await expect(bubbles(page)).to_have_count(1)
    await open_chat(page, warmline)
    await expect(bubbles(page)).to_have_text([re.compile("I shall be back")])
    assert len(warmline.customer.conversations) == 1


async def test_a_token_that_is_refused_begins_again(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline)
    await write(page, "Before")
    await expect(bubbles(page)).to_have_count(1)
    warmline.customer.tokens.clear()
    await open_chat(page, warmline)
    await expect(bubbles(page)).to_have_count(0)
    await write(page, "After")
    await expect(bubbles(page)).to_have_count(1)


async def test_two_tabs_show_one_conversation(page: Page, context: BrowserContext, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    other = await context.new_page()
    await open_chat(other, warmline)
    await write(other, "From the other tab")
    await warmline.customer.say(conversation, "To both")
    for tab in (page, other):
        await expect(bubbles(tab)).to_have_text([re.compile("From the other tab"), re.compile("To both")])


async def test_a_new_conversation_starts_empty_in_every_tab(
    page: Page, context: BrowserContext, warmline: FakeWarmline
) -> None:
    await open_chat(page, warmline)
    await write(page, "Old")
    other = await context.new_page()
    await open_chat(other, warmline)
    await expect(bubbles(other)).to_have_count(1)
    await page.get_by_test_id("new-conversation").click()
    for tab in (page, other):
        await expect(bubbles(tab)).to_have_count(0)
    await write(other, "New")
    await expect(bubbles(page)).to_have_text([re.compile("New")])


async def test_a_token_is_never_used_for_another_customer(page: Page, warmline: FakeWarmline) -> None:
    await open_chat(page, warmline, "/shop")
    await write(page, "A visitor's question")
    await expect(bubbles(page)).to_have_count(1)
    async with page.expect_response("**/conversations"):
        await page.get_by_test_id("customer").select_option("C-1001")
    await expect(bubbles(page)).to_have_count(0)
    await write(page, "Maya's question")
    await expect(bubbles(page)).to_have_count(1)
    async with page.expect_response("**/conversations"):
        await page.get_by_test_id("customer").select_option("C-1002")
    await expect(bubbles(page)).to_have_count(0)
    begun = warmline.customer.begun
    assert [entry.get("authorization") for entry in begun] == [None, None, None]
    assert ["identity" in entry for entry in begun] == [False, True, True]
    await page.get_by_test_id("customer").select_option("C-1001")
    await expect(bubbles(page)).to_have_text([re.compile("Maya's question")])


async def test_an_unreachable_server_is_said_and_tried_again(page: Page, warmline: FakeWarmline) -> None:
    await page.route("**/api/customer/v1/conversations", lambda route: route.abort())
    await page.goto(warmline.url + "/blank")
    await page.get_by_test_id("open-chat").click()
    await expect(page.get_by_test_id("chat-line")).to_contain_text("reached")
    await page.unroute_all()
    await page.get_by_role("button", name="Try again").click()
    await connected(page)


async def test_a_refused_message_says_why_and_can_be_sent_again(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    conversation.refusal = ("bad_value", "The store is full.")
    await write(page, "Please keep me")
    await expect(page.get_by_text("The store is full.")).to_be_visible()
    conversation.refusal = None
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_text("The store is full.")).to_have_count(0)
    assert [message["text"] for message in conversation.messages] == ["Please keep me"]


async def test_a_phone_is_filled_and_reduced_motion_respected(warmline: FakeWarmline, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.emulate_media(reduced_motion="reduce")
    await open_chat(page, warmline)
    box = await page.get_by_test_id("chat-panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    panel = page.get_by_test_id("chat-panel")
    assert await panel.evaluate("element => getComputedStyle(element).animationName") == "none"


async def test_the_typing_of_the_owner_ends_by_itself(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    frame = {"type": "typing", "sender": "agent", "name": "Ana Duarte", "for_ms": 300}
    await warmline.customer.push(conversation, frame)
    await expect(page.get_by_test_id("typing")).to_contain_text("Ana Duarte")
    await expect(page.get_by_test_id("typing")).to_be_hidden()


@pytest.mark.parametrize(
    ("accent", "text"), [("%23ffd54a", "0"), ("navy", "1"), ("hsl(0 60%25 45%25)", "1"), ("%23d0d0d0", "0")]
)
async def test_a_site_colours_the_widget_and_its_text_stays_readable(
    page: Page, warmline: FakeWarmline, accent: str, text: str
) -> None:
    await page.goto(f"{warmline.url}/themed?accent={accent}")
    launcher = page.get_by_test_id("open-chat")
    await expect(launcher).to_have_text("Help")
    colour = await launcher.evaluate("element => getComputedStyle(element).color")
    assert colour == f"color(srgb-linear {text} {text} {text})"
    box = await launcher.bounding_box()
    assert box is not None
    assert box["x"] == 20


async def test_an_accent_that_is_no_colour_is_left_out(page: Page, warmline: FakeWarmline) -> None:
    await page.goto(f"{warmline.url}/themed?accent=nonsense")
    colour = await page.get_by_test_id("open-chat").evaluate("element => getComputedStyle(element).backgroundColor")
    assert colour == "rgb(15, 102, 87)"


async def test_what_is_written_before_the_chat_is_connected_is_sent(page: Page, warmline: FakeWarmline) -> None:
    await page.route("**/api/customer/v1/conversations", lambda route: route.abort())
    await page.goto(warmline.url + "/blank")
    await page.get_by_test_id("open-chat").click()
    await write(page, "Is anybody there?")
    await page.unroute_all()
    await connected(page)
    await expect(bubbles(page)).to_have_text([re.compile("Is anybody there?")])
    await expect(page.get_by_text("Sending")).to_have_count(0)
    assert [message["text"] for message in warmline.customer.only.messages] == ["Is anybody there?"]


async def test_a_message_on_its_way_outlives_a_reload(page: Page, warmline: FakeWarmline) -> None:
    conversation = await open_chat(page, warmline)
    warmline.customer.refuse_streams = True
    await warmline.customer.drop(conversation)
    await write(page, "Do not lose me")
    warmline.customer.refuse_streams = False
    await open_chat(page, warmline)
    await expect(bubbles(page)).to_have_text([re.compile("Do not lose me")])
    await expect(page.get_by_text("Sending")).to_have_count(0)
    assert len(conversation.messages) == 1


async def test_one_question_at_a_time_after_a_case(page: Page, warmline: FakeWarmline) -> None:
    """P27: the bot's own question first; once it no longer stands, the button, as long as the case can be reopened."""
    conversation = await open_chat(page, warmline)
    await warmline.customer.hand_over(conversation)
    conversation.owner = {"type": "bot", "name": "Larkfield assistant", "version": 4}
    conversation.case = {**(conversation.case or {}), "status": "closed", "can_rate": True, "can_reopen": True}
    await warmline.customer.say(conversation, "Case WL-1001 is resolved.", "system", notice="case_resolved")
    await warmline.customer.push_state(conversation)
    await warmline.customer.say(conversation, "Did that solve it?", buttons=["Yes, it's solved", "No, it isn't"])
    replies, reopen = page.get_by_test_id("quick-reply"), page.get_by_test_id("reopen")
    await expect(replies).to_have_count(2)
    await expect(reopen).to_be_hidden()
    await expect(page.get_by_test_id("survey")).to_be_visible()
    await page.reload()
    await page.get_by_test_id("open-chat").click()
    await expect(replies).to_have_count(2)
    await expect(reopen).to_be_hidden()
    await replies.first.click()
    await expect(replies).to_have_count(0)
    await expect(reopen).to_be_visible()
    # Buttons of another question do not hide it again.
    await warmline.customer.say(conversation, "What else?", buttons=["My order", "My bill"])
    await expect(replies).to_have_count(2)
    await expect(reopen).to_be_visible()
    conversation.case = {**conversation.case, "can_reopen": False}
    await warmline.customer.push_state(conversation)
    await expect(reopen).to_have_count(0)


async def test_a_page_of_an_origin_that_is_not_allowed_learns_which_setting_to_mend(
    page: Page, warmline: FakeWarmline
) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if "WARMLINE_" in message.text else None)
    elsewhere = warmline.url.replace("127.0.0.1", "localhost")
    await page.goto(elsewhere + "/elsewhere")
    await page.get_by_test_id("open-chat").click()
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "failed")
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_test_id("chat-line")).to_have_attribute("data-status", "failed")
    assert errors == [f"Warmline: can't be reached, or {elsewhere} is not in WARMLINE_ALLOWED_ORIGINS"]
