from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "shangquan.console"
    label = "console"
