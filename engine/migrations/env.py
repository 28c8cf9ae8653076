"""Alembic's way in; `engine.operational` brings the connection, inside whose transaction everything happens."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
