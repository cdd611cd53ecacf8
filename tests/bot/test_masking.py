"""Values of a known shape say nothing of what a message is about."""

import pytest

from bot.masking import MaskError, Masks

MASKS = Masks.of_config([{"pattern": r"LH-\d{5}", "text": "LH-10234"}, {"pattern": r"\S+@\S+", "text": r"me\1@x"}])


def test_messages_that_differ_in_their_order_number_read_alike():
    assert MASKS.apply("where is LH-10010?") == MASKS.apply("where is lh-99999?") == "where is LH-10234?"


def test_what_replaces_a_value_is_taken_as_it_stands():
    assert MASKS.apply("write to a@b.example") == r"write to me\1@x"


@pytest.mark.parametrize("entry", [{"pattern": "("}, {"pattern": "(", "text": "x"}, {"text": "x"}])
def test_a_mask_that_cannot_be_used_is_named(entry):
    with pytest.raises(MaskError):
        Masks.of_config([entry])


def test_masks_are_kept_with_the_model():
    assert Masks.of_config(MASKS.to_config()).apply("LH-55555") == "LH-10234"
