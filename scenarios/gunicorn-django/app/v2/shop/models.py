from django.db import models


class Item(models.Model):
    id = models.AutoField(primary_key=True)
    sku = models.TextField(unique=True)
    name = models.TextField()
    price_cents = models.IntegerField()
    discount_cents = models.IntegerField(null=True)


class Order(models.Model):
    id = models.TextField(primary_key=True)
    sku = models.TextField()
    placed_by = models.TextField()
    placed_at = models.DateTimeField(auto_now_add=True)
