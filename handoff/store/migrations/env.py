"""Alembic's entry: runs the migrations on the connection that ``handoff.store.migrate`` hands in."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=False)
context.run_migrations()
