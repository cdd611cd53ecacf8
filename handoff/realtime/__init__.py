"""Live connections: one bounded queue and one writer for each socket, snapshot plus sequence on connect."""
