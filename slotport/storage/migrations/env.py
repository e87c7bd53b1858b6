"""Runs the scripts on the connection that schema.migrate hands over."""

from alembic import context

from slotport.storage.tables_exports import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
