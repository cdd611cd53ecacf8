"""``warmline escalation replay``: stored conversations under another policy."""
