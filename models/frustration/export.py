"""From the tuned network to the files that serve it: an int8 ONNX graph and the card of numbers beside it.

The graph is the sentence encoder's, with the tuned weights and, in the place of pooling, what each word piece
contributes to each score. Means, manner of writing and calibration are a handful of multiplications and stay in numpy.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx

from models.encoder.graph import build_piece_graph, quantise
from models.frustration.features import SURFACE_NAMES
from models.frustration.reading import LEARNT_MESSAGES, LEARNT_PIECES, TURN_PIECES
from models.frustration.score import CARD_FILE, CARD_FORMAT, MODEL_FILE, TASKS

MOST_PIECES: Final = 1 + TURN_PIECES + 1 + LEARNT_MESSAGES * (LEARNT_PIECES + 1)

Array = np.ndarray[Any, Any]


def export(
    tensors: Mapping[str, Array],
    config: Mapping[str, Any],
    calibration: Mapping[str, tuple[float, float]],
    out: Path,
    about: Mapping[str, object],
) -> None:
    """Write the network's graph and card into ``out``, in the place of those there once both are whole.

    Args:
        tensors: the network's weights by their PyTorch names, float32.
        config: BERT's config.json.
        calibration: slope and offset of each task's sigmoid.
        out: folder for both files.
        about: what the card says besides: data, recipe, figures.
    """
    count = len(TASKS)
    encoder = {name.removeprefix("encoder."): value for name, value in tensors.items() if name.startswith("encoder.")}
    heads = np.concatenate([tensors["piece.weight"][:count], tensors["whole.weight"][:count]])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".frustration-", dir=out) as scratch:
        full, graph, numbers = (Path(scratch) / name for name in ("full.onnx", MODEL_FILE, CARD_FILE))
        onnx.save(build_piece_graph(encoder, config, MOST_PIECES, np.ascontiguousarray(heads.T)), str(full))
        quantise(full, graph)
        card = {
            "format": CARD_FORMAT,
            "tasks": list(TASKS),
            "surface_names": list(SURFACE_NAMES),
            "bias": _rounded(tensors["piece.bias"][:count]),
            "surface": _rounded(tensors["surface.weight"][:count]),
            "calibration": {task: _rounded(np.array(calibration[task])) for task in TASKS},
            "model_sha256": hashlib.sha256(graph.read_bytes()).hexdigest(),
            "about": dict(about),
        }
        numbers.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        graph.replace(out / MODEL_FILE)
        numbers.replace(out / CARD_FILE)


def _rounded(values: Array) -> list[Any]:
    rounded: list[Any] = np.round(values.astype(np.float64), 5).tolist()
    return rounded
