"""What release v1 runs on."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute(
        """
        CREATE TABLE items (
          id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
          sku text NOT NULL UNIQUE,
          name text NOT NULL,
          price_cents integer NOT NULL,
          discount_percent integer NOT NULL DEFAULT 0,
          sold integer NOT NULL DEFAULT 0
        )
        """
    )
    op.execute("CREATE INDEX items_name ON items (name)")
    op.execute("CREATE INDEX items_price ON items (price_cents)")
    op.execute(
        """
        CREATE TABLE orders (
          id text PRIMARY KEY,
          sku text NOT NULL REFERENCES items (sku),
          placed_by text NOT NULL,
          placed_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
