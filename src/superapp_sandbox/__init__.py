"""A local WeChat, WeChat Pay and Alipay that speak the real wire protocols. Knows nothing of any product."""
