from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "shangquan.insight"
    label = "insight"
