"""Expand: a nullable column without a default is a change of the catalogue alone, and v1 never notices it."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("ALTER TABLE items ADD COLUMN discount_cents integer")
