"""A month of casework that never was, for the demo: lived through by the real use cases, then put into the database."""
