"""a column more, and an index that is built while nobody waits"""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("orders", sa.Column("reference", sa.String(40)))
    with op.get_context().autocommit_block():
        op.create_index("orders_by_buyer", "orders", ["buyer"], postgresql_concurrently=True)


def downgrade():
    op.drop_index("orders_by_buyer", "orders")
    op.drop_column("orders", "reference")
