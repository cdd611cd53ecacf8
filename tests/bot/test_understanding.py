"""What the pipeline that ships makes of a message."""

import tarfile

import pytest

from bot.intent_model import RANKED_LABELS


def test_a_misspelt_question_is_still_understood(bot):
    parsed = bot.parse("wher is my pacel")
    assert parsed["intent"]["name"] == "order_status"
    assert parsed["scope"]["in_scope"] is True


def test_a_shouted_question_is_understood_like_a_quiet_one(bot):
    assert bot.parse("I FORGOT MY PASSWORD!!!")["intent"]["name"] == "reset_access"


@pytest.mark.parametrize(
    "text",
    [
        "what is the capital of Mongolia",
        "write me a poem about the moon",
        "how do I bake sourdough bread",
        "asdf qwer zxcv",
    ],
)
def test_a_question_the_bot_does_not_know_falls_back(bot, text):
    parsed = bot.parse(text)
    assert parsed["intent"]["name"] == "nlu_fallback"
    assert parsed["scope"]["in_scope"] is False


def test_the_ranking_below_a_fallback_keeps_the_likeliest_intents(bot):
    parsed = bot.parse("what is the capital of Mongolia")
    ranking = parsed["intent_ranking"]
    assert ranking[0]["name"] == "nlu_fallback"
    assert ranking[1]["name"] == parsed["scope"]["intent"]
    confidences = [entry["confidence"] for entry in ranking[1:]]
    assert confidences == sorted(confidences, reverse=True)


def test_confidence_and_ranking_are_those_of_rasa(bot):
    parsed = bot.parse("cancel my order please")
    assert parsed["intent"] == parsed["intent_ranking"][0]
    assert set(parsed["intent"]) == {"name", "confidence"}
    assert 0.0 <= parsed["intent"]["confidence"] <= 1.0


def test_a_faq_question_names_its_entry_and_is_answered(bot, actions):
    parsed = bot.parse("till when can I phone you on a Sunday")
    assert parsed["intent"]["name"] == "faq"
    assert parsed["response_selector"]["faq"]["response"]["intent_response_key"] == "faq/opening_hours"
    assert parsed["intent"]["full_retrieval_intent_name"] == "faq/opening_hours"
    assert bot.say("which ways are there to pay?") == ["By card or bank transfer."]


def test_the_likeliest_labels_leave_with_the_message_faq_entries_by_their_key(bot):
    ranking = bot.parse("till when can I phone you on a Sunday")["label_ranking"]
    assert ranking[0][0] == "faq/opening_hours"
    shares = [share for _, share in ranking]
    assert shares == sorted(shares, reverse=True)
    assert len(ranking) <= RANKED_LABELS


def test_a_message_that_is_no_faq_question_ranks_no_entries(bot):
    assert bot.parse("cancel my order please")["response_selector"] == {"all_retrieval_intents": ["faq"]}


def test_a_payload_from_a_button_keeps_its_intent(bot):
    parsed = bot.parse('/inform{"order_number": "LH-10009"}')
    assert parsed["intent"]["name"] == "inform"
    assert parsed["entities"][0]["value"] == "LH-10009"


def test_one_message_is_encoded_once(bot, monkeypatch):
    from bot.encoding import shared_encoder

    encoder = shared_encoder(None)
    encoded = []
    one = encoder._encode_one
    monkeypatch.setattr(encoder, "_encode_one", lambda text: encoded.append(text) or one(text))
    bot.parse("has anything happened with the thing I bought last Tuesday")
    assert len(encoded) == 1


def test_the_model_holds_no_pickle(model_path):
    with tarfile.open(model_path) as archive:
        names = [member.name for member in archive.getmembers() if member.isfile()]
    ours = [name for name in names if "EncoderIntentClassifier" in name or "FaqSelector" in name]
    assert {name.rsplit(".", 1)[-1] for name in ours} == {"npz", "json"}


def test_an_empty_message_gets_no_intent_and_breaks_nothing(bot):
    assert bot.parse("")["intent"]["name"] is None


def test_a_model_trained_with_another_encoder_is_refused_with_the_remedy(tmp_path):
    from bot.encoding import EncoderChangedError, MessageReader, shared_encoder
    from bot.masking import Masks

    MessageReader.learn(shared_encoder(None), ["where is my parcel"], Masks([])).save(tmp_path)
    stored = (tmp_path / "vocabulary.json").read_text(encoding="utf-8")
    (tmp_path / "vocabulary.json").write_text(
        stored.replace(shared_encoder(None).fingerprint, "0" * 16), encoding="utf-8"
    )
    with pytest.raises(EncoderChangedError, match="warmline train"):
        MessageReader.load(tmp_path, shared_encoder(None))


def test_vectors_of_training_texts_are_encoded_once(tmp_path, monkeypatch):
    import numpy as np

    from bot.encoding import TrainingVectors, shared_encoder

    encoder = shared_encoder(None)
    first = TrainingVectors(encoder, tmp_path).encode(["a parcel", "a password"])
    encoded = []
    encode = encoder.encode
    monkeypatch.setattr(encoder, "encode", lambda texts, view: encoded.extend(texts) or encode(texts, view))
    again = TrainingVectors(encoder, tmp_path).encode(["a password", "a parcel", "a plan"])
    assert encoded == ["a plan"]
    assert np.array_equal(again[:2], first[::-1])


def test_a_damaged_store_of_vectors_is_made_again(tmp_path):
    from bot.encoding import TrainingVectors, shared_encoder

    encoder = shared_encoder(None)
    TrainingVectors(encoder, tmp_path).encode(["a parcel"])
    (stored,) = tmp_path.glob("vectors-*.npz")
    stored.write_bytes(b"half a file")
    assert TrainingVectors(encoder, tmp_path).encode(["a parcel"]).shape == (1, encoder.width("words"))


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("faq/billing_price_drop", "billing price drop"),
        ("Refund_not_showing_up", "refund not showing up"),
        ("GetQuote", "get quote"),
        ("reverted_card_payment?", "reverted card payment"),
        ("___", ""),
    ],
)
def test_the_name_of_a_label_is_read_as_words(label, words):
    from bot.encoding import name_in_words

    assert name_in_words(label) == words
