from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "shangquan.journeys"
    label = "journeys"

    def ready(self) -> None:
        from shangquan.journeys import notices, reactions  # noqa: F401  (declare themselves)
