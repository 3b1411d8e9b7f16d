"""Expand: a nullable column without a default is a change of the catalogue alone, and v1 never notices it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    # A waiting ALTER TABLE blocks every reader that comes after it: it gives way soon, and is tried again.
    op.execute("SET LOCAL lock_timeout = '100ms'")
    op.add_column("items", sa.Column("discount_cents", sa.Integer()))


def downgrade():
    op.execute("SET LOCAL lock_timeout = '100ms'")
    op.drop_column("items", "discount_cents")
