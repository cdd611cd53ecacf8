"""``warmline escalation``: checks, shows and explains the escalation policy."""
