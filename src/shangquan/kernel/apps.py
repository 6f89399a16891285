from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    name = "shangquan.kernel"
    label = "kernel"

    def ready(self) -> None:
        from shangquan.kernel import inbox, walls  # noqa: F401  (inbox registers its job)

        post_migrate.connect(walls.rebuild, dispatch_uid="kernel.walls")
