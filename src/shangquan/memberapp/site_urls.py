from django.urls import path

from shangquan.memberapp.pages import site

app_name = "site"
urlpatterns = [path("", site.front, name="front")]
