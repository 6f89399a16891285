"""Which connector fills which port: the only place that knows both."""


def plug_in() -> None:
    """Called once at start-up."""
    _wechat_pay()


def _wechat_pay() -> None:
    from shangquan.connectors.wechatpay.bill import WechatBill
    from shangquan.connectors.wechatpay.channel import WechatPay
    from shangquan.payments import ports as payments
    from shangquan.payments.contracts import Channel

    wechat_channels = (Channel.WECHAT_CODE, Channel.WECHAT_NATIVE, Channel.WECHAT_JSAPI)
    for channel in wechat_channels:
        payments.register_channel(channel, WechatPay())
    payments.register_bill("wechatpay", wechat_channels, WechatBill())
