from django.urls import path

from . import pages

app_name = "design"
urlpatterns = [
    path("", pages.gallery, name="gallery"),
    path("pages/<slug:name>/", pages.sample_page, name="page"),
]
