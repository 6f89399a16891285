from django.apps import AppConfig


class CodesConfig(AppConfig):
    name = "shangquan.codes"
    label = "codes"
