from django.db import migrations, models


class Migration(migrations.Migration):
    # Nullable: a change of the catalogue alone. v1, which knows nothing of the column, goes on reading and inserting.
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.AddField("item", "discount_cents", models.IntegerField(null=True))]
