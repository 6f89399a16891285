"""WeChat Pay, versions 2 and 3."""
