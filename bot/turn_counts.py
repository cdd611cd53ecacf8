"""What a monitoring system reads of Rasa's process, in Prometheus' text format 0.0.4: turns, no words of them."""

from typing import Final, Text

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class TurnCounts:
    """The turns of one process since it started."""

    def __init__(self) -> None:
        self.answered = 0
        self.failed = 0
        self.seconds = 0.0

    def count(self, seconds: float, *, failed: bool) -> None:
        """Notes one turn that is over."""
        self.answered += not failed
        self.failed += failed
        self.seconds += seconds

    def page(self, in_work: int, *, loaded: bool) -> Text:
        """All numbers as they are read; ``loaded`` says whether there is a model to answer with."""
        lines = [
            "# HELP warmline_bot_turns_total Turns that are over, by how they ended",
            "# TYPE warmline_bot_turns_total counter",
            f'warmline_bot_turns_total{{outcome="answered"}} {self.answered}',
            f'warmline_bot_turns_total{{outcome="failed"}} {self.failed}',
            "# HELP warmline_bot_turn_seconds How long turns took together, and how many they were",
            "# TYPE warmline_bot_turn_seconds summary",
            f"warmline_bot_turn_seconds_sum {self.seconds:.6f}",
            f"warmline_bot_turn_seconds_count {self.answered + self.failed}",
            "# HELP warmline_bot_turns_in_work Turns in work now",
            "# TYPE warmline_bot_turns_in_work gauge",
            f"warmline_bot_turns_in_work {in_work}",
            "# HELP warmline_bot_model_loaded Whether a model is loaded",
            "# TYPE warmline_bot_model_loaded gauge",
            f"warmline_bot_model_loaded {int(loaded)}",
        ]
        return "\n".join(lines) + "\n"
