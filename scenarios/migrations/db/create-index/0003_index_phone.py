"""Orders are to be found by phone number. The index is built while writes of the table are locked out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '100ms'")
    op.create_index("orders_phone", "orders", [sa.text(r"regexp_replace(regexp_replace(phone, '\D', '', 'g'), '^49', '0')")])
