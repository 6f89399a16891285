from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "shangquan.connectors"
    label = "connectors"
