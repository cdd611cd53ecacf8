"""A message that asks for two things gets both; a choice between two is asked for, and taken up."""


def ran(actions, action):
    return [message_id for name, message_id in actions.calls if name == action]


def test_two_requests_are_understood_apart(bot):
    parsed = bot.parse("where is my parcel, and how can I pay?")
    assert parsed["intent"]["name"] == "order_status"
    assert parsed["two_requests"]["first"]["text"] == "where is my parcel"
    assert parsed["two_requests"]["second"]["label"] == "faq/payment_methods"
    assert parsed["two_requests"]["second"]["text"] == "how can I pay?"


def test_of_two_faq_questions_the_first_chooses_the_answer(bot):
    parsed = bot.parse("when are you open, and how can I pay?")
    assert parsed["response_selector"]["faq"]["response"]["intent_response_key"] == "faq/opening_hours"


def test_one_request_has_no_second(bot):
    assert "two_requests" not in bot.parse("where is my parcel")
    assert "two_requests" not in bot.parse("hello, where is my parcel")


def test_a_message_with_one_request_is_encoded_once_however_long_it_is(bot, monkeypatch):
    from bot.encoding import shared_encoder

    encoder = shared_encoder(None)
    encoded = []
    one = encoder._encode_one
    monkeypatch.setattr(encoder, "_encode_one", lambda text: encoded.append(text) or one(text))
    bot.parse("would you be so kind to look whether the parcel with my new kettle has been sent")
    assert len(encoded) == 1


def test_the_second_of_two_requests_is_answered_after_the_first(bot, actions):
    assert bot.say("where is my parcel, and how can I pay?") == ["It is on its way.", "By card or bank transfer."]
    assert bot.say("hello") == ["Hello."]
    assert len(ran(actions, "action_take_request")) == 1


def test_a_second_request_with_a_rule_of_its_own_follows_the_rule(bot, actions):
    assert bot.say("how can I pay? also, where is my parcel?") == [
        "By card or bank transfer.",
        "Next.",
        "It is on its way.",
    ]
    assert bot.tracker().latest_action_name == "action_listen"


def test_a_second_request_may_open_a_form(bot, actions):
    assert bot.say("how can I pay? and please cancel my order") == [
        "By card or bank transfer.",
        "Next.",
        "Which order?",
    ]
    assert bot.tracker().active_loop_name == "cancel_form"
    assert bot.say("LH-10005") == ["Why?"]
    assert bot.say("I found it cheaper") == ["Cancelled LH-10005."]
    assert bot.say("hello") == ["Hello."]


def test_a_second_request_waits_until_the_form_of_the_first_is_done(bot, actions):
    assert bot.say("please cancel my order, and how can I pay?") == ["Which order?"]
    assert bot.say("LH-10005") == ["Why?"]
    assert bot.say("I found it cheaper") == ["Cancelled LH-10005.", "By card or bank transfer."]


def test_no_message_is_invented_for_a_second_request(bot, actions):
    bot.say("how can I pay? also, where is my parcel?")
    assert [event.text for event in bot.tracker().events if event.type_name == "user"] == [
        "how can I pay? also, where is my parcel?"
    ]


def test_a_person_is_offered_after_both_answers(bot, actions):
    assert bot.say("this is annoying. where is my parcel, and how can I pay?") == [
        "It is on its way.",
        "By card or bank transfer.",
        "Would you like a person?",
    ]


def test_a_request_that_was_chosen_is_taken_up_in_the_place_of_an_answer(bot, actions):
    actions.takes = "order_status"
    assert bot.say("the first one", "c-1") == ["Next.", "It is on its way."]
    actions.takes = "faq/payment_methods"
    assert bot.say("the second one", "c-2") == ["By card or bank transfer."]
    actions.takes = "cancel_order"
    assert bot.say("the third", "c-3") == ["Next.", "Which order?"]


def test_where_it_is_not_sure_the_bot_asks_and_listens(bot, actions):
    actions.asks = True
    assert bot.say("where is my parcel") == ["Which of the two?"]
    assert bot.tracker().latest_action_name == "action_listen"
    actions.asks = False
    assert bot.say("where is my parcel") == ["It is on its way."]


def test_a_message_that_is_not_understood_names_what_comes_near(bot):
    assert bot.parse("asdf qwer zxcv")["nearest"] == []
    assert "nearest" not in bot.parse("where is my parcel")


def test_a_choice_survives_a_restart(make_bot, actions):
    first = make_bot()
    assert first.say("please cancel my order, and how can I pay?") == ["Which order?"]
    assert first.say("LH-10005") == ["Why?"]
    again = make_bot()
    assert again.say("I found it cheaper") == ["Cancelled LH-10005.", "By card or bank transfer."]
