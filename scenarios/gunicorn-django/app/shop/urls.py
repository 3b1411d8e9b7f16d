from django.urls import path

from shop import views

urlpatterns = [
    path("", views.home),
    path("api/items", views.items),
    path("api/orders", views.place_order),
    path("api/orders/<key>", views.read_order),
    path("slow", views.slow),
    path("healthz", views.health),
]
