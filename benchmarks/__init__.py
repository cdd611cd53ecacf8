"""What Warmline's speed is, measured beside a stock Rasa: ``make bench`` (docs/benchmarks.md)."""
