"""The states that are played further are the states that Rasa builds anew, whatever happened in the conversation."""

import copy
import json
from random import Random

import pytest
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    DefinePrevUserUtteredFeaturization,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.escalation_policy import EscalatingRulePolicy
from bot.live_tracker import LiveTracker
from bot.recent_states import PLAYED, RecentStates
from bot.shortcuts import take_shortcuts
from bot.working_events import bounded, rebuild, without_rewound

DOMAIN = """
version: "3.1"
intents: [greet, cancel, inform, nlu_fallback]
entities: [number, colour]
slots:
  number: {type: text, influence_conversation: true, mappings: [{type: from_entity, entity: number}]}
  kind: {type: categorical, values: [a, b], mappings: [{type: custom}]}
  sure: {type: bool, initial_value: true, mappings: [{type: custom}]}
  picture: {type: any, mappings: [{type: custom}]}
forms:
  cancel_form: {required_slots: [number]}
  other_form: {required_slots: [kind]}
actions: [action_one, action_two]
responses:
  utter_greet: [{text: Hello}]
  utter_default: [{text: Pardon}]
"""
FORMS = ("cancel_form", "other_form")
ACTIONS = (ACTION_LISTEN_NAME, "action_one", "action_two", "utter_greet", "utter_default", *FORMS)
COUNTS = (1, 2, 3, 7)


@pytest.fixture(scope="module")
def domain():
    take_shortcuts()
    return Domain.from_yaml(DOMAIN)


def spoken(random):
    entities = random.choice(([], [{"entity": "number", "value": "7"}], [{"entity": "colour", "value": "red"}]))
    intent = {"name": random.choice(("greet", "cancel", "inform", "nlu_fallback")), "confidence": 1.0}
    text = f"said {random.randrange(1000)}"
    return UserUttered(text, intent, entities, {"text": text, "intent": intent, "entities": entities})


def usual_turn(random):
    """A message, listened to, and what forms and actions do about it, mostly as Rasa would log it."""
    yield ActionExecuted(ACTION_LISTEN_NAME)
    yield spoken(random)
    if random.random() < 0.3:
        yield DefinePrevUserUtteredFeaturization(random.random() < 0.3)
    if random.random() < 0.5:
        form = random.choice(FORMS)
        if random.random() < 0.25:
            yield ActionExecutionRejected(form)
            yield ActionExecuted("utter_default")
        yield ActionExecuted(form)
        if random.random() < 0.6:
            yield ActiveLoop(form)
        yield SlotSet("requested_slot", random.choice(("number", "kind")))
        if random.random() < 0.4:
            yield SlotSet("number", "7")
            yield ActiveLoop(None)
            yield SlotSet("requested_slot", None)
            yield ActionExecuted("action_one")
    for _ in range(random.randrange(3)):
        yield ActionExecuted(random.choice(ACTIONS[1:5]))
        yield BotUttered("Well.")


def unusual(random):
    """Anything, anywhere."""
    choices = (
        lambda: SlotSet("number", random.choice((None, "1", "2"))),
        lambda: SlotSet("kind", random.choice((None, "a", "b"))),
        lambda: SlotSet("sure", random.choice((True, False, None))),
        lambda: SlotSet("picture", {"a": random.random()}),
        lambda: ActionExecuted(random.choice(ACTIONS)),
        lambda: ActiveLoop(random.choice((None, *FORMS))),
        lambda: ActionExecutionRejected(random.choice(ACTIONS)),
        lambda: LoopInterrupted(random.random() < 0.5),
        lambda: spoken(random),
        lambda: BotUttered("Hm."),
        lambda: FollowupAction("action_two"),
        ConversationPaused,
        ConversationResumed,
        UserUtteranceReverted,
        ActionReverted,
        Restarted,
        SessionStarted,
    )
    return random.choice(choices)()


def history(seed):
    """Events of a conversation in the portions between which something looks at the states."""
    random = Random(seed)
    for _ in range(random.randrange(1, 12)):
        events = [unusual(random)] if random.random() < 0.3 else list(usual_turn(random))
        while events:
            size = random.randrange(len(events) + 1)  # none too: nothing happened between two predictions
            yield events[:size]
            events = events[size:]
            if size == 0 and random.random() < 0.5:
                break


def live(domain):
    return LiveTracker("c-1", domain.slots)


def expected(tracker, domain, count):
    return tracker.past_states(domain)[-count:]


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_the_states_are_rasas_whatever_happens(domain, start):
    for seed in range(start, start + 50):
        tracker = live(domain)
        states = RecentStates(COUNTS[seed % len(COUNTS)])
        for events in history(seed):
            for event in events:
                tracker.update(event, domain)
            got = states.of(tracker, domain)
            assert got == expected(tracker, domain, COUNTS[seed % len(COUNTS)]), f"seed {seed}"
            assert states.of(tracker, domain) == got


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_the_states_are_rasas_after_the_store_cut_or_rewound_the_tracker(domain, start):
    cuts = 0
    for seed in range(start, start + 50):
        random = Random(seed)
        tracker = live(domain)
        states = RecentStates(3)
        for events in (*history(seed), *history(seed + 1000)):
            for event in events:
                tracker.update(event, domain)
            if random.random() < 0.5:
                states.of(tracker, domain)
            # What LiveTrackerStore.save does, with a short window.
            if any(isinstance(event, UserUtteranceReverted) for event in events):
                rebuild(tracker, without_rewound(tracker.events))
            shorter = bounded(list(tracker.events), domain.slots, 12)
            if shorter is not None:
                cuts += 1
                rebuild(tracker, shorter)
            assert states.of(tracker, domain) == expected(tracker, domain, 3), f"seed {seed}"
    assert cuts > 50


def test_a_tracker_that_was_given_other_events_of_the_same_number_is_played_anew(domain):
    tracker = live(domain)
    states = RecentStates(3)
    for name in ("action_one", "utter_greet"):
        tracker.update(ActionExecuted(name), domain)
    states.of(tracker, domain)
    rebuild(tracker, [ActionExecuted("action_two"), ActionExecuted("utter_default")])
    assert states.of(tracker, domain) == expected(tracker, domain, 3)


def test_a_message_in_the_place_of_one_that_was_taken_back_is_seen(domain):
    """The store takes it back; nothing looks at the states until the next message has been answered."""
    tracker = live(domain)
    states = RecentStates(3)
    greeted = [ActionExecuted(ACTION_LISTEN_NAME), spoken(Random(1)), ActionExecuted("utter_greet")]
    for event in (*greeted, ActionExecuted(ACTION_LISTEN_NAME), spoken(Random(2)), ActionExecuted("action_one")):
        tracker.update(event, domain)
    states.of(tracker, domain)
    rebuild(tracker, without_rewound([*tracker.events, UserUtteranceReverted()]))
    for event in (spoken(Random(3)), ActionExecuted("action_two"), ActionExecuted("utter_default")):
        tracker.update(event, domain)
    assert states.of(tracker, domain) == expected(tracker, domain, 3)


def test_a_copy_to_which_the_same_event_came_another_way_does_not_mislead(domain):
    tracker = live(domain)
    states = RecentStates(5)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME), domain)
    states.of(tracker, domain)
    twin, same = tracker.copy(), ActionExecuted("action_two")
    for one, first in ((twin, SlotSet("kind", "a")), (tracker, SlotSet("kind", "b"))):
        one.update(first, domain)
        one.update(same, domain)
        assert states.of(one, domain) == expected(one, domain, 5)


def test_a_form_that_runs_twice_without_being_opened_takes_the_first_run_back(domain):
    tracker = live(domain)
    states = RecentStates(3)
    opened = [ActionExecuted("cancel_form"), ActiveLoop("cancel_form"), ActiveLoop(None)]
    run = [ActionExecuted(ACTION_LISTEN_NAME), spoken(Random(1)), ActionExecuted("cancel_form"), SlotSet("kind", "a")]
    for events in (opened, run, [*run[:2], ActionExecuted("cancel_form")], [SlotSet("kind", "b")]):
        for event in events:
            tracker.update(event, domain)
        assert states.of(tracker, domain) == expected(tracker, domain, 3)


def test_another_domain_is_looked_at_anew(domain):
    tracker = live(domain)
    asked = UserUttered("7", {"name": "inform"}, [{"entity": "number", "value": "7"}])
    for event in (ActionExecuted(ACTION_LISTEN_NAME), asked, ActionExecuted("action_one")):
        tracker.update(event, domain)
    states = RecentStates(3)
    before = states.of(tracker, domain)
    other = Domain.from_yaml(DOMAIN.replace("inform,", "{inform: {use_entities: []}},"))
    assert states.of(tracker, other) == expected(tracker, other, 3)
    assert before == expected(tracker, domain, 3) != expected(tracker, other, 3)


def test_a_conversation_that_goes_on_is_not_played_again_from_its_beginning(domain, monkeypatch):
    """Else all this would be for nothing."""
    tracker = live(domain)
    states = RecentStates(3)
    played = []
    for number in range(30):
        for event in (ActionExecuted(ACTION_LISTEN_NAME), spoken(Random(number)), ActionExecuted("utter_greet")):
            tracker.update(event, domain)
        with monkeypatch.context() as watched:
            watched.setattr(DialogueStateTracker, "applied_events", lambda self: played.append(1) or list(self.events))
            states.of(tracker, domain)
    assert len(played) == 1


def look(tracker, domain):
    """Everything that a tracker says."""
    apart = ("slots", "events", "active_loop", "latest_message", "stored", PLAYED)
    return {
        **{name: str(value) for name, value in vars(tracker).items() if name not in apart},
        "loop": tracker.active_loop and vars(tracker.active_loop),
        "slots": {name: slot.value for name, slot in tracker.slots.items()},
        "were_set": {name: slot.has_been_set for name, slot in tracker.slots.items()},
        "events": list(tracker.events),
        "message": tracker.latest_message,
        "states": tracker.past_states(domain),
    }


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_a_copied_tracker_is_the_copy_that_rasa_would_have_made(domain, start):
    for seed in range(start, start + 50):
        tracker = live(domain)
        for events in history(seed):
            for event in events:
                tracker.update(event, domain)
        rebuild(tracker, without_rewound(tracker.events))
        assert look(tracker.copy(), domain) == look(DialogueStateTracker.copy(tracker), domain), f"seed {seed}"


@pytest.mark.parametrize("start", range(0, 100, 50))
def test_a_copied_tracker_changes_by_itself(domain, start):
    for seed in range(start, start + 50):
        tracker = live(domain)
        states = RecentStates(3)
        for events in history(seed):
            for event in events:
                tracker.update(event, domain)
        states.of(tracker, domain)
        twin = tracker.copy()
        before = copy.deepcopy(look(tracker, domain))
        for events in history(seed + 1):
            for event in events:
                twin.update(event, domain)
            assert states.of(twin, domain) == expected(twin, domain, 3), f"seed {seed}"
        assert look(tracker, domain) == before, f"seed {seed}"
        assert states.of(tracker, domain) == expected(tracker, domain, 3), f"seed {seed}"


def policy_of(bot):
    nodes = bot.agent.processor.graph_runner._instantiated_nodes
    (node,) = [node for node in nodes.values() if isinstance(node._component, EscalatingRulePolicy)]
    return node._component


def test_rules_look_at_the_states_that_rasa_would_build(bot):
    policy, domain = policy_of(bot), bot.agent.domain
    for text in ("hello", "cancel my order", "no idea", "LH-10005", "found it cheaper", "hello"):
        bot.say(text)
        tracker = bot.tracker()
        for with_text in (True, False, True):
            ours = policy._prediction_states(tracker, domain, with_text)
            whole = RulePolicy._prediction_states(policy, tracker, domain, with_text)
            assert ours == whole[-len(ours) :]


def test_the_rules_that_fit_are_remembered_without_the_customers_words(bot):
    policy = policy_of(bot)
    policy._applicable.clear()
    bot.say("where is my parcel please", conversation="c-1")
    known = dict(policy._applicable)
    assert known
    bot.say("where is my parcel now", conversation="c-2")
    assert policy._applicable == known
    assert "parcel" not in json.dumps([key for _, key in known])
    for (lookup, _), keys in known.items():
        assert lookup in map(id, policy.lookup.values())
        assert isinstance(keys, set)


def test_words_in_a_state_neither_count_nor_stay(bot):
    policy = policy_of(bot)
    policy._applicable.clear()
    lookup = policy.lookup[RULES]
    found = [
        policy._get_possible_keys(lookup, [{"user": {"text": words, "intent": "greet"}, "prev_action": LISTENED}])
        for words in ("secret words", "others")
    ]
    assert found[0] == found[1] != set()
    (key,) = policy._applicable
    assert "secret" not in str(key)


LISTENED = {"action_name": ACTION_LISTEN_NAME}


def test_what_is_remembered_is_what_would_be_found(bot, monkeypatch):
    policy = policy_of(bot)
    found = EscalatingRulePolicy._get_possible_keys
    looked = []

    def compare(self, lookup, states):
        looked.append(states)
        keys = found(self, lookup, states)
        assert keys == RulePolicy._get_possible_keys(self, lookup, states)
        return keys

    monkeypatch.setattr(EscalatingRulePolicy, "_get_possible_keys", compare)
    for conversation in ("c-1", "c-2"):
        for text in ("hello", "cancel my order", "no idea", "LH-10005", "found it cheaper", "wher is it"):
            bot.say(text, conversation=conversation)
    assert len(looked) > len(policy._applicable) > 5


def test_what_is_remembered_is_bounded(bot, monkeypatch):
    from bot import escalation_policy

    monkeypatch.setattr(escalation_policy, "REMEMBERED_SITUATIONS", 3)
    policy = policy_of(bot)
    policy._applicable.clear()
    for text in ("hello", "where is my parcel", "cancel my order", "LH-10005"):
        bot.say(text)
        assert len(policy._applicable) <= 3


def test_a_policy_whose_rules_look_at_words_is_not_remembered(bot, monkeypatch):
    policy = policy_of(bot)
    policy._applicable.clear()
    monkeypatch.setattr(policy, "_rules_on_text", True)
    assert bot.say("hello") == ["Hello."]
    assert policy._applicable == {}
