from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "shangquan.payments"
    label = "payments"

    def ready(self) -> None:
        from shangquan.payments import cash, ports
        from shangquan.payments.contracts import Channel

        ports.register_channel(Channel.CASH, cash.CashDrawer())
