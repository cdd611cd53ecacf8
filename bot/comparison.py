"""Messages compared with thousands of examples in whole numbers of eight bits.

A message's time goes into fetching the examples from memory, so a quarter of the bytes is a third of the time. The head
is solved for the examples as they were rounded, so nothing of its exactness is lost; what is left is that a message is
moved by about 0.015 from where it lies.

onnxruntime multiplies whole numbers many times faster than numpy does. Its one-step graph is written down byte by byte:
what builds graphs (the package onnx) is not there where Rasa runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import onnxruntime

EXAMPLE_LEVELS = 127
"""Steps on either side of zero for the numbers of an example."""

MESSAGE_LEVELS = 63
"""The same for a message: two products of seven and eight bits are all that processors without VNNI can add up."""

SPREAD_SEED = 0

IR_VERSION = 9
OPSET = 17
UINT8, INT8, INT32 = 2, 3, 6
"""Types of numbers, as ONNX counts them."""


@dataclass(frozen=True)
class RoundedRows:
    """Rows of numbers as multiples of one step; immutable, safe to share between threads."""

    codes: np.ndarray
    """int8 [rows, axes]."""
    step: float

    @classmethod
    def of(cls, rows: np.ndarray) -> RoundedRows:
        """The rows, rounded to the finest step that holds the largest of their numbers."""
        step = _step(rows, EXAMPLE_LEVELS)
        return cls(np.rint(rows / step).astype(np.int8), step)

    @cached_property
    def vectors(self) -> np.ndarray:
        """What the rows are after rounding, float32 [rows, axes]."""
        return self.codes * np.float32(self.step)

    def similarities(self, messages: np.ndarray) -> np.ndarray:
        """The dot product of each message with each row, float32 [messages, rows].

        Args:
            messages: float32 [messages, axes]; each is rounded to a step of its own.
        """
        found = np.empty((len(messages), len(self.codes)), dtype=np.float32)
        for place, message in enumerate(messages):
            step = _step(message, MESSAGE_LEVELS)
            codes = (np.rint(message / step) + MESSAGE_LEVELS).astype(np.uint8)
            (products,) = self._session.run(None, {"message": codes[None]})
            np.multiply(products[0], np.float32(step * self.step), out=found[place])
        return found

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(_graph(self.codes.T), options, providers=["CPUExecutionProvider"])


def spread(axes: np.ndarray) -> np.ndarray:
    """Axes that span the same space, turned so that what vectors have in common lies on all of them alike.

    Steps are as wide as the largest number needs; on axes in the order of their weight the first would need ten times
    the step of the others.
    """
    random = np.random.default_rng(SPREAD_SEED).normal(size=(axes.shape[1], axes.shape[1]))
    return np.ascontiguousarray(axes @ np.linalg.qr(random)[0], dtype=np.float32)


def _step(numbers: np.ndarray, levels: int) -> float:
    return max(float(np.abs(numbers).max(initial=0.0)), 1e-9) / levels


def _graph(columns: np.ndarray) -> bytes:
    """An ONNX model: ``message`` (uint8 [1, axes], zero at ``MESSAGE_LEVELS``) times int8 [axes, rows], as int32."""
    axes, rows = columns.shape
    node = b"".join(_field(1, name) for name in (b"message", b"columns", b"zero"))
    node += _field(2, b"products") + _field(4, b"MatMulInteger")
    zero = np.array(MESSAGE_LEVELS, dtype=np.uint8)
    graph = _field(1, node) + _field(2, b"comparison")
    graph += _field(5, _tensor(b"columns", INT8, columns)) + _field(5, _tensor(b"zero", UINT8, zero))
    graph += _field(11, _value(b"message", UINT8, axes)) + _field(12, _value(b"products", INT32, rows))
    return _number(1, IR_VERSION) + _field(7, graph) + _field(8, _field(1, b"") + _number(2, OPSET))


def _tensor(name: bytes, kind: int, values: np.ndarray) -> bytes:
    return (
        b"".join(_number(1, size) for size in values.shape)
        + _number(2, kind)
        + _field(8, name)
        + _field(9, values.tobytes())
    )


def _value(name: bytes, kind: int, width: int) -> bytes:
    shape = b"".join(_field(1, _number(1, size)) for size in (1, width))
    return _field(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, shape)))


def _field(number: int, content: bytes) -> bytes:
    """A member of a protocol-buffers message that is bytes or a message itself."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    """A member that is a whole number."""
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
