"""Loaded by the worker: makes the handlers of callbacks known."""

from shangquan.connectors.wechatpay import notices as _wechatpay

__all__ = ["_wechatpay"]
