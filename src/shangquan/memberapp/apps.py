from django.apps import AppConfig


class MemberappConfig(AppConfig):
    name = "shangquan.memberapp"
    label = "memberapp"

    def ready(self) -> None:
        from shangquan.identity import door as identity
        from shangquan.memberapp import destinations
        from shangquan.memberapp.session import visitor

        identity.register_visitor(visitor)
        destinations.register()
