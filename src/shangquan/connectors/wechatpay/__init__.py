"""WeChat Pay: version 3 (JSON, RSA) for orders, refunds and bills; version 2 (XML) for the scanned payment code.

Protocol: pay.weixin.qq.com/doc/v3. Our own client on httpx and cryptography; no third party's code touches the keys.
"""
