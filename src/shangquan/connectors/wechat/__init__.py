"""The WeChat Official Account: messages, menu, parametric codes, web login, page scripts.

Protocol: developers.weixin.qq.com/doc/service. Our own client on httpx and cryptography.
"""
