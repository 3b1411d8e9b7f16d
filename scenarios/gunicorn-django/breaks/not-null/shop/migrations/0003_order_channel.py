from django.db import migrations, models


class Migration(migrations.Migration):
    # Django fills the existing rows with the default and then drops it from the database: what is left is a column
    # that is NOT NULL, and an old release that inserts without it.
    dependencies = [("shop", "0002_item_discount_cents")]
    operations = [migrations.AddField("order", "channel", models.TextField(default="web"))]
