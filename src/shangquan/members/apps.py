from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "shangquan.members"
    label = "members"
