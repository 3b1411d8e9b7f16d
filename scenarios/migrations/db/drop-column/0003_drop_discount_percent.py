"""Contract: for a later release, once no running code and no rollback target reads the column."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '100ms'")
    op.drop_column("items", "discount_percent")
