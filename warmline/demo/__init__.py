"""``warmline demo``: somebody who looks for the first time finds a service that lives."""
