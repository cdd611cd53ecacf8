"""How casework holds with a million closed cases behind it, and with many people at once."""
