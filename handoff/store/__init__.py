"""How conversations, cases and people are kept: SQLite by default, PostgreSQL by URL."""
