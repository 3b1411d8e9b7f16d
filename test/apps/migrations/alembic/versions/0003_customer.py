"""a rename, and an index that is built while writes wait"""
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.alter_column("orders", "buyer", new_column_name="customer")
    op.create_index("orders_by_time", "orders", ["placed_at"])


def downgrade():
    op.drop_index("orders_by_time", "orders")
    op.alter_column("orders", "customer", new_column_name="buyer")
