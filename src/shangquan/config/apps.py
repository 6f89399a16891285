from django.apps import AppConfig


class RoofConfig(AppConfig):
    name = "shangquan.config"
    label = "config"

    def ready(self) -> None:
        from shangquan.config import ports

        ports.plug_in()
