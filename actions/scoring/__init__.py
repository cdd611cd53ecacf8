"""Pure escalation scoring: one turn and the running picture in, a decision with its reasons out.

Nothing here reads a clock, a file or the network, and nothing but the standard library is imported.
"""
