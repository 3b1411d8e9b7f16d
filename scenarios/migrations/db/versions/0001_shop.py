"""What release v1 runs on."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute((Path(__file__).parent.parent / "schema.sql").read_text())
