"""The encoder's computation as an ONNX graph, written down operator by operator.

A BERT encoder (Devlin et al. 2019, post-layer-norm, exact GELU) of six layers, then the mean over the real tokens and
a unit length, as sentence-transformers defines all-MiniLM-L6-v2. Building the graph directly needs no torch at
set-up; ``tests/models`` compares it with transformers running the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET: Final = 17
IR_VERSION: Final = 9
MASKED_SCORE: Final = -10_000.0

Array = np.ndarray[Any, Any]


def build_graph(tensors: Mapping[str, Array], config: Mapping[str, Any], max_tokens: int) -> onnx.ModelProto:
    """The fp32 model: ``input_ids``, ``attention_mask`` (int64 [n, tokens]) -> ``embedding`` (float32 [n, hidden]).

    Args:
        tensors: the weights under their PyTorch names.
        config: BERT's config.json.
        max_tokens: the longest sequence that will ever be asked for; longer position embeddings are left out.
    """
    builder = _Builder(tensors, config)
    hidden = builder.embeddings(max_tokens)
    bias = builder.mask_bias()
    for layer in range(int(config["num_hidden_layers"])):
        hidden = builder.layer(layer, hidden, bias)
    builder.pool(hidden)
    return builder.model()


class _Builder:
    """Collects nodes and constants; every method returns the name of the value that it computed."""

    def __init__(self, tensors: Mapping[str, Array], config: Mapping[str, Any]) -> None:
        self._tensors = tensors
        self._hidden = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._nodes: list[onnx.NodeProto] = []
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

    def mask_bias(self) -> str:
        """What is added to attention scores: 0 for a real token, a large negative number for padding."""
        mask = self._op("Cast", "attention_mask", to=TensorProto.FLOAT)
        missing = self._op("Sub", self._scalar("one", 1.0), mask)
        bias = self._op("Mul", missing, self._scalar("masked_score", MASKED_SCORE))
        return self._op("Unsqueeze", bias, self._constant("axes_1_2", np.array([1, 2], dtype=np.int64)))

    def layer(self, number: int, hidden: str, bias: str) -> str:
        """Self-attention and the feed-forward part of one layer, each with its residual and norm."""
        prefix = f"encoder.layer.{number}"
        mixed = self._attention(f"{prefix}.attention.self", hidden, bias)
        mixed = self._linear(mixed, f"{prefix}.attention.output.dense")
        hidden = self._layer_norm(self._op("Add", mixed, hidden), f"{prefix}.attention.output.LayerNorm")
        wide = self._gelu(self._linear(hidden, f"{prefix}.intermediate.dense"))
        narrow = self._linear(wide, f"{prefix}.output.dense")
        return self._layer_norm(self._op("Add", narrow, hidden), f"{prefix}.output.LayerNorm")

    def pool(self, hidden: str) -> None:
        """Mean over the real tokens, scaled to unit length, as the output ``embedding``."""
        axis = self._constant("axis_1", np.array([1], dtype=np.int64))
        mask = self._op("Cast", "attention_mask", to=TensorProto.FLOAT)
        weights = self._op("Unsqueeze", mask, self._constant("axis_2", np.array([2], dtype=np.int64)))
        total = self._op("ReduceSum", self._op("Mul", hidden, weights), axis, keepdims=0)
        mean = self._op("Div", total, self._op("ReduceSum", mask, axis, keepdims=1))
        length = self._op("ReduceL2", mean, axes=[1], keepdims=1)
        self._nodes.append(helper.make_node("Div", [mean, length], ["embedding"]))

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
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", self._hidden])],
            list(self._constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model

    def _attention(self, prefix: str, hidden: str, bias: str) -> str:
        size = self._hidden // self._heads
        # The scale of the scores goes into the query's weights, and the three projections are one product.
        scale = 1.0 / np.sqrt(size)
        parts = [(f"{prefix}.query", scale), (f"{prefix}.key", 1.0), (f"{prefix}.value", 1.0)]
        weight = np.concatenate([self._tensors[f"{name}.weight"].T * by for name, by in parts], axis=1)
        offset = np.concatenate([self._tensors[f"{name}.bias"] * by for name, by in parts])
        joined = self._op("MatMul", hidden, self._constant(f"{prefix}.weight", weight.astype(np.float32)))
        joined = self._op("Add", joined, self._constant(f"{prefix}.bias", offset.astype(np.float32)))
        thirds = self._constant("thirds", np.array([self._hidden] * 3, dtype=np.int64))
        query, key, value = self._ops("Split", 3, joined, thirds, axis=2)
        shape = self._constant("per_head", np.array([0, 0, self._heads, size], dtype=np.int64))
        query = self._op("Transpose", self._op("Reshape", query, shape), perm=[0, 2, 1, 3])
        key = self._op("Transpose", self._op("Reshape", key, shape), perm=[0, 2, 3, 1])
        value = self._op("Transpose", self._op("Reshape", value, shape), perm=[0, 2, 1, 3])
        scores = self._op("Add", self._op("MatMul", query, key), bias)
        mixed = self._op("MatMul", self._op("Softmax", scores, axis=-1), value)
        merged = self._constant("all_heads", np.array([0, 0, self._hidden], dtype=np.int64))
        return self._op("Reshape", self._op("Transpose", mixed, perm=[0, 2, 1, 3]), merged)

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
