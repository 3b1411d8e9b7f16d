"""Fills the new column in one statement: every row that it has changed stays locked until the last one is."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("UPDATE items SET discount_cents = price_cents * discount_percent / 100")
