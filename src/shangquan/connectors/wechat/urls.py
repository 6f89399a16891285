from django.urls import path

from shangquan.connectors.wechat import views

urlpatterns = [path("<slug:appid>/", views.server, name="wechat_server")]
