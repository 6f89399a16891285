from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "shangquan.journeys"
    label = "journeys"

    def ready(self) -> None:
        from shangquan.journeys import reactions  # noqa: F401  (declares them)
