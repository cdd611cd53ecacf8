"""The command that sets Warmline up, runs it and looks after it, and what its services share."""
