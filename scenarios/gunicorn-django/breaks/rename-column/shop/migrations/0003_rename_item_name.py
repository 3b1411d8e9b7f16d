from django.db import migrations


class Migration(migrations.Migration):
    # The old release asks for the old name in every SELECT of the model.
    dependencies = [("shop", "0002_item_discount_cents")]
    operations = [migrations.RenameField("item", "name", "title")]
