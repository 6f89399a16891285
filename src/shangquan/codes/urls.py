from django.urls import path

from shangquan.codes import pages

app_name = "codes"
urlpatterns = [path("<str:scene>/", pages.open_scene, name="open")]
