from django.apps import AppConfig


class PosConfig(AppConfig):
    name = "shangquan.pos"
    label = "pos"

    def ready(self) -> None:
        from shangquan.checkout import ports
        from shangquan.pos.actions.post_bill import POSTING

        ports.register_posting(POSTING)
