"""The encoder's computation as an ONNX graph, written down operator by operator.

A BERT encoder (Devlin et al. 2019, post-layer-norm, exact GELU) of six layers, then two views of the sentence, each of
unit length: the mean over all tokens, as sentence-transformers defines all-MiniLM-L6-v2, and the means over the words
alone after the last two layers. Building the graph directly needs no torch at set-up; ``tests/models`` compares it with
transformers running the same weights. Attention is onnxruntime's fused operator, a tenth faster than its steps one by
one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.encoder.encode import VIEWS

OPSET: Final = 17
IR_VERSION: Final = 9
FUSED: Final = "com.microsoft"
"""The domain of onnxruntime's own operators."""

LAST_SPECIAL_TOKEN: Final = 102
"""Up to here BERT's vocabulary holds no words: [PAD], [UNK], [CLS] and [SEP], the last one."""

LAST_LAYER_SHARE: Final = 2 / 3
"""Share of the last layer in the similarity of two texts by their words; the layer before has the rest."""

REST_WEIGHT: Final = 1e-6
"""Weight of the other tokens in the mean over words: nothing beside a word, all there is in a text without any."""

Array = np.ndarray[Any, Any]


def build_graph(tensors: Mapping[str, Array], config: Mapping[str, Any], max_tokens: int) -> onnx.ModelProto:
    """The fp32 model: ``input_ids``, ``attention_mask`` (int64 [n, tokens]) -> two views (float32).

    ``embedding`` [n, hidden] is the mean over all tokens. ``words`` [n, 2 hidden] leaves out the marks of beginning and
    end, which tell more of a text's form than of its meaning, and adds the last layer but one, which is nearer to the
    wording: intents are told apart better by it.

    Args:
        tensors: the weights under their PyTorch names.
        config: BERT's config.json.
        max_tokens: the longest sequence that will ever be asked for; longer position embeddings are left out.
    """
    builder = _Builder(tensors, config)
    hidden = builder.embeddings(max_tokens)
    mask = builder.mask()
    before = hidden
    for layer in range(int(config["num_hidden_layers"])):
        before, hidden = hidden, builder.layer(layer, hidden, mask)
    builder.pool(before, hidden)
    return builder.model()


def build_piece_graph(
    tensors: Mapping[str, Array], config: Mapping[str, Any], max_tokens: int, heads: Array
) -> onnx.ModelProto:
    """The fp32 model that says something of every token: ids and mask -> ``contributions`` [n, tokens, heads].

    Args:
        tensors: the weights under their PyTorch names.
        config: BERT's config.json.
        max_tokens: the longest sequence that will ever be asked for.
        heads: float32 [hidden, heads], what the last layer's values are multiplied with.
    """
    builder = _Builder(tensors, config)
    hidden = builder.embeddings(max_tokens)
    mask = builder.mask()
    for layer in range(int(config["num_hidden_layers"])):
        hidden = builder.layer(layer, hidden, mask)
    builder.read_off(hidden, heads)
    return builder.model()


def quantise(full: Path, out: Path) -> None:
    """Writes the fp32 model of file ``full`` as int8 into ``out``.

    Seven-bit weights cannot overflow on processors without VNNI, where eight bits lose accuracy; measured on processors
    with it, they are as good.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # onnxruntime advises a preprocessing step on the root logger; it brings nothing for this graph.
    logging.disable(logging.WARNING)
    try:
        quantize_dynamic(
            full,
            out,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            # Types cannot be inferred behind the fused attention; everything that is multiplied is a float.
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    finally:
        logging.disable(logging.NOTSET)


class _Builder:
    """Collects nodes and constants; every method returns the name of the value that it computed."""

    def __init__(self, tensors: Mapping[str, Array], config: Mapping[str, Any]) -> None:
        self._tensors = tensors
        self._hidden = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._nodes: list[onnx.NodeProto] = []
        self._outputs: dict[str, list[str | int]] = {}
        self._constants: dict[str, onnx.TensorProto] = {}

    def embeddings(self, max_tokens: int) -> str:
        """Word, position and segment embeddings, summed and normalised."""
        words = self._constant("word_embeddings", self._tensors["embeddings.word_embeddings.weight"])
        # One sentence is one segment, so segment 0 joins the position table and costs nothing at run time.
        places = self._tensors["embeddings.position_embeddings.weight"][:max_tokens]
        table = places + self._tensors["embeddings.token_type_embeddings.weight"][0]
        length = self._op("Shape", "input_ids", start=1, end=2)
        zero = self._constant("zero", np.array([0], dtype=np.int64))
        positions = self._op("Slice", self._constant("positions", table), zero, length)
        total = self._op("Add", self._op("Gather", words, "input_ids"), positions)
        return self._layer_norm(total, "embeddings.LayerNorm")

    def mask(self) -> str:
        """Which tokens are real, as the attention operator takes it."""
        return self._op("Cast", "attention_mask", to=TensorProto.INT32)

    def layer(self, number: int, hidden: str, mask: str) -> str:
        """Self-attention and the feed-forward part of one layer, each with its residual and norm."""
        prefix = f"encoder.layer.{number}"
        mixed = self._attention(f"{prefix}.attention.self", hidden, mask)
        mixed = self._linear(mixed, f"{prefix}.attention.output.dense")
        hidden = self._layer_norm(self._op("Add", mixed, hidden), f"{prefix}.attention.output.LayerNorm")
        wide = self._gelu(self._linear(hidden, f"{prefix}.intermediate.dense"))
        narrow = self._linear(wide, f"{prefix}.output.dense")
        return self._layer_norm(self._op("Add", narrow, hidden), f"{prefix}.output.LayerNorm")

    def pool(self, before: str, hidden: str) -> None:
        """Both views of the last layer's values ``hidden`` and of those ``before`` it, as the graph's outputs."""
        mask = self._op("Cast", "attention_mask", to=TensorProto.FLOAT)
        last = self._constant("last_special_token", np.array(LAST_SPECIAL_TOKEN, dtype=np.int64))
        is_word = self._op("Cast", self._op("Greater", "input_ids", last), to=TensorProto.FLOAT)
        rest = self._op("Mul", mask, self._scalar("rest_weight", REST_WEIGHT))
        words = self._op("Add", self._op("Mul", is_word, mask), rest)
        parts = [
            self._op("Mul", self._mean(value, words), self._scalar(name, float(np.sqrt(share))))
            for name, value, share in (("last", hidden, LAST_LAYER_SHARE), ("before", before, 1 - LAST_LAYER_SHARE))
        ]
        self._nodes.append(helper.make_node("Identity", [self._mean(hidden, mask)], ["embedding"]))
        self._nodes.append(helper.make_node("Concat", parts, ["words"], axis=1))
        self._outputs = {view: ["texts", self._hidden * count] for view, count in zip(VIEWS, (1, 2), strict=True)}

    def read_off(self, hidden: str, heads: Array) -> None:
        """What each token contributes, as the graph's output."""
        self._nodes.append(helper.make_node("MatMul", [hidden, self._constant("heads", heads)], ["contributions"]))
        self._outputs = {"contributions": ["texts", "tokens", heads.shape[1]]}

    def model(self) -> onnx.ModelProto:
        """The checked model."""
        tokens = ["texts", "tokens"]
        graph = helper.make_graph(
            self._nodes,
            "sentence_encoder",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, tokens),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, tokens),
            ],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in self._outputs.items()],
            list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model

    def _attention(self, prefix: str, hidden: str, mask: str) -> str:
        parts = [f"{prefix}.{name}" for name in ("query", "key", "value")]
        weight = np.concatenate([self._tensors[f"{name}.weight"].T for name in parts], axis=1)
        offset = np.concatenate([self._tensors[f"{name}.bias"] for name in parts])
        constants = self._constant(f"{prefix}.weight", weight), self._constant(f"{prefix}.bias", offset)
        return self._op("Attention", hidden, *constants, mask, domain=FUSED, num_heads=self._heads)

    def _mean(self, hidden: str, weights: str) -> str:
        """The weighted mean over the tokens, scaled to unit length; what it is divided by first does not matter."""
        axis = self._constant("axis_1", np.array([1], dtype=np.int64))
        column = self._op("Unsqueeze", weights, self._constant("axis_2", np.array([2], dtype=np.int64)))
        total = self._op("ReduceSum", self._op("Mul", hidden, column), axis, keepdims=0)
        length = self._op("ReduceL2", total, axes=[1], keepdims=1)
        return self._op("Div", total, length)

    def _linear(self, value: str, prefix: str) -> str:
        weight = self._constant(f"{prefix}.weight", np.ascontiguousarray(self._tensors[f"{prefix}.weight"].T))
        product = self._op("MatMul", value, weight)
        return self._op("Add", product, self._constant(f"{prefix}.bias", self._tensors[f"{prefix}.bias"]))

    def _gelu(self, value: str) -> str:
        bell = self._op("Erf", self._op("Div", value, self._scalar("sqrt_2", float(np.sqrt(2.0)))))
        doubled = self._op("Mul", value, self._op("Add", bell, self._scalar("one", 1.0)))
        return self._op("Mul", doubled, self._scalar("half", 0.5))

    def _layer_norm(self, value: str, prefix: str) -> str:
        weight = self._constant(f"{prefix}.weight", self._tensors[f"{prefix}.weight"])
        offset = self._constant(f"{prefix}.bias", self._tensors[f"{prefix}.bias"])
        return self._op("LayerNormalization", value, weight, offset, axis=-1, epsilon=self._epsilon)

    def _scalar(self, name: str, value: float) -> str:
        return self._constant(name, np.array(value, dtype=np.float32))

    def _constant(self, name: str, value: Array) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(value, name)
        return name

    def _op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self._ops(kind, 1, *inputs, **attributes)[0]

    def _ops(self, kind: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        stem = f"{kind.lower()}_{len(self._nodes)}"
        names = [f"{stem}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, name=stem, **attributes))
        return names
