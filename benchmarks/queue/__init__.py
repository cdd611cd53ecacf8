"""The order of a queue, simulated: who waits how long under ours, first come first served, and strict priority."""
