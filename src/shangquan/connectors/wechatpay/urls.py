from django.urls import path

from shangquan.connectors.wechatpay import views

urlpatterns = [path("notify/<slug:mchid>/", views.notify, name="wechatpay_notify")]
