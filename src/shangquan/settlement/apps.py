from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "shangquan.settlement"
    label = "settlement"

    def ready(self) -> None:
        from shangquan.checkout import ports
        from shangquan.settlement.actions.post_bill import POSTING

        ports.register_posting(POSTING)
