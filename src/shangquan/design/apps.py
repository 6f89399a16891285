from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "shangquan.design"
    label = "design"
    verbose_name = "页面外观"
