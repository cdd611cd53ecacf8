"""The frustration network in torch: the sentence encoder's layers, tuned, with a linear head on every word piece.

What a turn scores is the mean over its own pieces of what each piece contributes, plus what the whole input and the
manner of writing contribute. So every score can say which words weighed, without another run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from torch import Tensor, nn
from transformers import BertConfig, BertModel

from models.frustration.examples import CONVABUSE, EMOTIONS, GOEMOTIONS, OWN, PLAIN, VERDICTS
from models.frustration.features import SURFACE_NAMES
from models.frustration.score import TASKS

SOURCES: Final = (OWN, VERDICTS, GOEMOTIONS, CONVABUSE, PLAIN)
HEAD_DROPOUT: Final = 0.1


@dataclass(frozen=True)
class Batch:
    """Padded inputs: ``ids``, ``mask`` and ``turn`` (the turn's own pieces) [n, pieces], ``surface`` [n, features]."""

    ids: Tensor
    mask: Tensor
    turn: Tensor
    surface: Tensor
    source: Tensor


class FrustrationNetwork(nn.Module):
    """Logits [n, tasks + emotions] for a batch; the emotions are learnt beside the tasks and not used at run time."""

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, Tensor] | None = None) -> None:
        super().__init__()
        shape = BertConfig(**{name: config[name] for name in _SHAPE})
        shape._attn_implementation = "sdpa"
        self.encoder = BertModel(shape, add_pooling_layer=False)
        if weights is not None:
            missing, _ = self.encoder.load_state_dict(dict(weights), strict=False)
            if missing:
                raise ValueError(f"the encoder's weights lack {', '.join(missing[:3])}")
        # The table of words is half of all weights; left as it is, it is a tenth less to train and forgets no word.
        self.encoder.embeddings.requires_grad_(requires_grad=False)
        outputs = len(TASKS) + len(EMOTIONS)
        self.piece = nn.Linear(shape.hidden_size, outputs)
        self.whole = nn.Linear(shape.hidden_size, outputs, bias=False)
        self.surface = nn.Linear(len(SURFACE_NAMES), outputs, bias=False)
        self.source = nn.Embedding(len(SOURCES), len(TASKS))
        self.dropout = nn.Dropout(HEAD_DROPOUT)
        nn.init.zeros_(self.source.weight)

    def forward(self, batch: Batch) -> Tensor:
        """The logits, on the scale of the project's own turns."""
        hidden = self.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        hidden = self.dropout(hidden)
        pieces = self.piece(hidden)
        turn = batch.turn.unsqueeze(-1).to(pieces.dtype)
        mean = (pieces * turn).sum(1) / turn.sum(1).clamp(min=1.0)
        logits: Tensor = mean + self.whole(hidden[:, 0]) + self.surface(batch.surface)
        return logits

    def offsets(self, batch: Batch) -> Tensor:
        """What each row's source adds to the logits of the tasks, [n, tasks + emotions], where it judges otherwise."""
        # The first source, the project's own turns, is what scores mean; it has no offset.
        offset = self.source(batch.source) * (batch.source > 0).unsqueeze(-1)
        return nn.functional.pad(offset, (0, len(EMOTIONS)))


_SHAPE: Final = (
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
    "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "pad_token_id",
)  # fmt: skip
