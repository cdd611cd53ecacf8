"""Entities as customers write them, with the patterns that ship in config.yml."""

from pathlib import Path

import pytest
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file

from bot.entities import PatternEntityExtractor

CONFIG = Path(__file__).resolve().parents[2] / "config.yml"
WORDS = {"product": {"kettle": "kettle", "washing machine": "washing machine", "tv": "television"}}


@pytest.fixture(scope="module")
def extractor():
    (config,) = [
        entry for entry in read_yaml_file(CONFIG)["pipeline"] if entry["name"].endswith("PatternEntityExtractor")
    ]
    return PatternEntityExtractor(config, None, None, WORDS)


def values(extractor, text, entity):
    return [found.value for found in extractor.find(text) if found.entity == entity]


@pytest.mark.parametrize(
    "text",
    [
        "LH-12345",
        "where is lh 12345?",
        "LH12345 is late",
        "it's #LH-12345.",
        "lh_12345 please",
        "LH – 12345",
        "LH-12345,",
        "order 12345",
        "my order number is 12345",
        "order no. 12345 has not come",
        "order #12345",
        "12345",
        " #12345 ",
    ],
)
def test_an_order_number_is_found_however_it_is_typed(extractor, text):
    assert values(extractor, text, "order_number") == ["LH-12345"]


def test_a_letter_o_in_an_order_number_is_a_zero(extractor):
    assert values(extractor, "LH-1OOO3", "order_number") == ["LH-10003"]


@pytest.mark.parametrize("text", ["call 0201234512345", "LH-123456", "I paid 12345 pounds", "flat 12345 Ohio"])
def test_other_numbers_are_no_order_numbers(extractor, text):
    assert values(extractor, text, "order_number") == []


@pytest.mark.parametrize(
    "text", ["INV-2026-0042", "inv 2026 0042", "invoice 2026-0042", "INV2026/0042", "invoice number: INV-2O26-0042"]
)
def test_an_invoice_number_is_found_however_it_is_typed(extractor, text):
    assert values(extractor, text, "invoice_number") == ["INV-2026-0042"]


@pytest.mark.parametrize(
    "text",
    [
        "LHGC-2046-7713-5082",
        "what's on lhgc 2046 7713 5082?",
        "LHGC204677135082 please",
        "LHGC-2O46-7713-5o82",
        "#LHGC_2046.7713.5082",
        "my gift card number is 2046 7713 5082",
        "gift card 204677135082",
    ],
)
def test_a_gift_card_number_is_found_however_it_is_typed(extractor, text):
    assert values(extractor, text, "gift_card_number") == ["LHGC-2046-7713-5082"]
    assert values(extractor, text, "order_number") == []


@pytest.mark.parametrize("text", ["my card is 4929 1234 5678 9012", "gift card 4929 1234 5678 9012", "LHGC-2046-7713"])
def test_a_bank_cards_number_is_no_gift_card(extractor, text):
    assert values(extractor, text, "gift_card_number") == []


def test_an_email_address_is_found_without_the_full_stop_after_it(extractor):
    found = values(extractor, "It is Maya.Lind+shop@Mail.Example.co.uk.", "email")
    assert found == ["maya.lind+shop@mail.example.co.uk"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("£39", "39.00"),
        ("you took £1,249.50 from me", "1249.50"),
        ("39.99 pounds", "39.99"),
        ("GBP 12", "12.00"),
        ("20 quid", "20.00"),
        ("50p", "0.50"),
    ],
)
def test_an_amount_is_written_in_pounds_with_two_decimals(extractor, text, value):
    assert values(extractor, text, "amount") == [value]


@pytest.mark.parametrize(("text", "value"), [("sw1a9zz", "SW1A 9ZZ"), ("my postcode is M4 1ZZ", "M4 1ZZ")])
def test_a_postcode_is_written_in_capitals_with_one_space(extractor, text, value):
    assert values(extractor, text, "postcode") == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on 14/03/2026", "2026-03-14"),
        ("2026-03-14", "2026-03-14"),
        ("the 14th of March 2026", "2026-03-14"),
        ("March 14, 2026", "2026-03-14"),
        ("the 14th of March", "14th of march"),
        ("since Yesterday", "yesterday"),
        ("next  Tuesday", "next tuesday"),
        ("for two months", "two months"),
        ("31/02/2026", "31/02/2026"),
    ],
)
def test_a_date_is_iso_where_it_is_complete_and_words_where_it_is_not(extractor, text, value):
    assert values(extractor, text, "date") == [value]


def test_an_order_number_is_not_also_read_as_something_else(extractor):
    found = extractor.find("order LH-10003 for £39.00, maya@example.com, delivered 14/03/2026")
    assert [(entity.entity, entity.value) for entity in found] == [
        ("order_number", "LH-10003"),
        ("amount", "39.00"),
        ("email", "maya@example.com"),
        ("date", "2026-03-14"),
    ]


def test_products_are_found_by_the_words_of_the_training_data(extractor):
    assert values(extractor, "the Kettles and my TV", "product") == ["kettle", "television"]


def test_product_words_come_from_examples_and_synonyms(tmp_path):
    from bot.entities import _learn_words

    example = Message.build(text="my kettle", intent="x")
    example.set("entities", [{"entity": "product", "start": 3, "end": 9, "value": "kettle"}])
    data = TrainingData([example], entity_synonyms={"water boiler": "kettle", "parcel": "order"})
    assert _learn_words(data, "product") == {"kettle": "kettle", "water boiler": "kettle"}


def test_where_an_entity_stands_is_told_exactly(extractor):
    text = "Is LH-10003 late?"
    (found,) = extractor.find(text)
    assert text[found.start : found.end] == "LH-10003"


def test_a_broken_pattern_is_named_with_its_entity():
    with pytest.raises(InvalidConfigException, match="order_number"):
        PatternEntityExtractor({"entities": [{"entity": "order_number", "patterns": ["("]}]}, None, None)
