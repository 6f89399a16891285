from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "shangquan.points"
    label = "points"
