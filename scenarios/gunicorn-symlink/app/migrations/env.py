from alembic import context
from sqlalchemy import create_engine

# A waiting ALTER TABLE blocks every reader that comes after it: it gives way after 200 ms, and deploy/migrate.sh tries again.
engine = create_engine("postgresql+psycopg2://", connect_args={"options": "-c lock_timeout=200ms"})

with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
