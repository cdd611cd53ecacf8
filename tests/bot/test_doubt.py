"""When the bot is torn between two labels, and what comes near a message that it doesn't know."""

from bot.doubt import MOST_NEAREST, DoubtRule
from bot.intent_model import Prediction

RULE = DoubtRule(frozenset({"greet", "nlu_fallback"}))


def read(*labels, scope=0.9, similarity=0.7):
    return Prediction(labels, scope, 0.3, 0, similarity)


def test_two_labels_of_nearly_the_same_probability_are_both_named():
    assert RULE.torn_between(read(("a", 0.4), ("b", 0.35), ("c", 0.1))) == ("a", "b")


def test_a_label_that_is_clearly_better_leaves_no_doubt():
    assert RULE.torn_between(read(("a", 0.7), ("b", 0.2))) == ()


def test_nobody_is_asked_about_small_talk_or_about_what_is_out_of_scope():
    assert RULE.torn_between(read(("a", 0.4), ("greet", 0.35))) == ()
    assert RULE.torn_between(read(("greet", 0.4), ("a", 0.35))) == ()
    assert RULE.torn_between(read(("a", 0.4), ("b", 0.35), scope=0.2)) == ()


def test_the_nearest_topics_leave_out_small_talk_and_what_is_improbable():
    near = RULE.nearest(read(("nlu_fallback", 0.4), ("a", 0.3), ("greet", 0.1), ("b", 0.08), ("c", 0.01), scope=0.1))
    assert near == ("a", "b")


def test_at_most_three_topics_come_near():
    assert len(RULE.nearest(read(*((name, 0.2) for name in "abcde"), scope=0.1))) == MOST_NEAREST


def test_nothing_comes_near_to_nonsense():
    assert RULE.nearest(read(("a", 0.5), ("b", 0.3), scope=0.1, similarity=0.3)) == ()
