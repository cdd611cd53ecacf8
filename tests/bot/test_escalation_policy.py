"""The escalation decision of a turn outranks the rules; without one the rules rule."""


def ran(actions, action):
    return [message_id for name, message_id in actions.calls if name == action]


def test_without_a_decision_the_rules_answer(bot, actions):
    assert bot.say("hello") == ["Hello."]
    assert ran(actions, "action_handoff") == []


def test_a_customer_who_asks_for_a_person_is_handed_over(bot, actions):
    assert bot.say("I want to talk to a person", message_id="m-7") == []
    assert ran(actions, "action_handoff") == ["m-7"]
    assert bot.tracker().latest_action_name == "action_listen"


def test_a_customer_who_asks_for_a_person_inside_a_form_is_handed_over_at_once(bot, actions):
    assert bot.say("cancel my order") == ["Which order?"]
    assert bot.say("just give me a person", message_id="m-8") == []
    assert ran(actions, "action_handoff") == ["m-8"]
    assert bot.tracker().active_loop_name is None


def test_a_handoff_that_leaves_the_form_open_still_runs_once(bot, actions):
    actions.closes_forms = False
    bot.say("cancel my order")
    bot.say("a person please", message_id="m-9")
    assert ran(actions, "action_handoff") == ["m-9"]


def test_a_person_is_offered_after_the_answer_and_only_once(bot, actions):
    assert bot.say("this is annoying, where is my parcel") == ["It is on its way.", "Would you like a person?"]


def test_inside_a_form_the_offer_follows_the_question(bot, actions):
    assert bot.say("it is annoying, I have to cancel my order") == ["Which order?", "Would you like a person?"]
    assert bot.tracker().active_loop_name == "cancel_form"
    assert bot.say("LH-10005") == ["Why?"]


def test_a_decision_about_an_earlier_message_counts_for_nothing(bot, actions):
    bot.say("I want to talk to a person", message_id="m-1")
    actions.answers = False
    bot.say("hello", message_id="m-2")
    assert ran(actions, "action_handoff") == ["m-1"]


def test_a_form_that_nobody_escalates_runs_to_its_end(bot, actions):
    assert bot.say("cancel my order") == ["Which order?"]
    assert bot.say("lh 10005") == ["Why?"]
    assert bot.say("I found it cheaper") == ["Cancelled LH-10005."]


def test_a_rule_sees_no_more_of_the_history_than_it_can_match(bot, actions):
    for _ in range(12):
        assert bot.say("hello") == ["Hello."]
    assert bot.say("where is my parcel") == ["It is on its way."]


def test_a_message_that_no_rule_answers_stays_in_the_conversation(bot, actions):
    assert bot.say("my number is LH-10007") == ["I did not understand."]
    assert bot.tracker().get_slot("order_number") == "LH-10007"
    assert bot.tracker().latest_message.text == "my number is LH-10007"


def test_a_form_that_got_no_answer_asks_again(bot, actions):
    bot.say("cancel my order")
    assert bot.say("I forgot my password") == ["I did not understand.", "Which order?"]
    assert bot.say("LH-10005") == ["Why?"]


def test_a_person_can_be_offered_to_whoever_was_not_understood(bot, actions):
    assert bot.say("so annoying, it is LH-10007") == ["I did not understand.", "Would you like a person?"]


def test_the_offer_of_a_person_takes_the_place_of_an_apology(bot, actions):
    assert bot.say("your service is terrible") in (["I am sorry."], ["I hear you."], ["You are right."])
    assert bot.say("your service is terrible and annoying") == ["Would you like a person?"]
