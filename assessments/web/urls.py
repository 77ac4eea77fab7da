from django.urls import URLPattern

app_name = "checkup"
urlpatterns: list[URLPattern] = []
