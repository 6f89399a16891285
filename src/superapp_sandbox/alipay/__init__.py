"""Alipay's open gateway, as far as a till needs it."""
