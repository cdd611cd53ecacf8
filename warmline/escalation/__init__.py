"""``warmline escalation``: checks, shows, explains and tries out the escalation policy."""
