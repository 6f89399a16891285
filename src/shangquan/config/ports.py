"""Which connector fills which port: the only place that knows both."""


def plug_in() -> None:
    """Called once at start-up."""
    _wechat_pay()
    _official_account()


def _wechat_pay() -> None:
    from shangquan.connectors.wechatpay.bill import WechatBill
    from shangquan.connectors.wechatpay.channel import WechatPay
    from shangquan.payments import ports as payments
    from shangquan.payments.contracts import Channel

    wechat_channels = (Channel.WECHAT_CODE, Channel.WECHAT_NATIVE, Channel.WECHAT_JSAPI)
    for channel in wechat_channels:
        payments.register_channel(channel, WechatPay())
    payments.register_bill("wechatpay", wechat_channels, WechatBill())


def _official_account() -> None:
    from shangquan.codes import door as codes
    from shangquan.connectors.wechat.account import WechatAccount, WechatPages
    from shangquan.connectors.wechat.oauth import WechatLogin
    from shangquan.kernel.errors import Refused
    from shangquan.messaging import ports as messaging
    from shangquan.messaging.contracts import SceneFact

    def read_scene(scene: str) -> SceneFact | None:
        try:
            found = codes.scene(scene)
        except Refused:
            return None
        return SceneFact(source=found.source, source_code_id=found.id, title=found.title or found.place, url=found.url)

    messaging.register_account(WechatAccount())
    messaging.register_login(WechatLogin())
    messaging.register_page(WechatPages())
    messaging.register_scene_reader(read_scene)
