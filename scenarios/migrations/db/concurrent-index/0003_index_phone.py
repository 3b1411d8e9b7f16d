"""Orders are to be found by phone number. The index is built beside reads and writes, so outside of a transaction."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index(
            "orders_phone",
            "orders",
            [sa.text(r"regexp_replace(regexp_replace(phone, '\D', '', 'g'), '^49', '0')")],
            postgresql_concurrently=True,
        )
