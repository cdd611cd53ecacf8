"""Pure rules of conversations and cases: no input, no output, no clock of its own."""
