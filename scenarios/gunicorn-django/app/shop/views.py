import json
import time
import uuid

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from shop.models import Item, Order
from shop.presentation import describe


@require_GET
def home(request):
    return HttpResponse(f"<!doctype html><title>Shop</title><h1>Shop {settings.RELEASE}</h1>")


@require_GET
def items(request):
    found = Item.objects.order_by("id")[:20]
    return JsonResponse({"items": [describe(item) for item in found], "version": settings.RELEASE})


@require_POST
def place_order(request):
    body = json.loads(request.body)
    key = request.headers.get("Idempotency-Key") or str(uuid.uuid4())
    time.sleep(0.1)  # a payment provider's answer
    # A request that comes again with its key gets the order that was placed the first time.
    order, _ = Order.objects.get_or_create(id=key, defaults={"sku": body["sku"], "placed_by": settings.RELEASE})
    return JsonResponse({"id": order.id}, status=201)


@require_GET
def read_order(request, key):
    order = get_object_or_404(Order, id=key)
    return JsonResponse({"id": order.id, "sku": order.sku, "placed_by": order.placed_by})


@require_GET
def slow(request):
    time.sleep(min(int(request.GET.get("ms", 1000)), 30_000) / 1000)
    return JsonResponse({"slept": True, "version": settings.RELEASE})


@require_GET
def health(request):
    """Ready is who reaches the database, not who listens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok", "version": settings.RELEASE})
