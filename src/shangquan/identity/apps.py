from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "shangquan.identity"
    label = "identity"
