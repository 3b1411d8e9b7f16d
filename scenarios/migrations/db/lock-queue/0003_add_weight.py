"""As harmless as the expansion before it, but it waits for its lock however long that takes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.add_column("items", sa.Column("weight_grams", sa.Integer()))
