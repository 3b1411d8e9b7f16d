from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "Item",
            [
                ("id", models.AutoField(primary_key=True)),
                ("sku", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("price_cents", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            "Order",
            [
                ("id", models.TextField(primary_key=True)),
                ("sku", models.TextField()),
                ("placed_by", models.TextField()),
                ("placed_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
