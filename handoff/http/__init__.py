"""The public entry: every handler parses, calls one use case, answers."""
