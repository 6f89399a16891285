"""Room card: connectors (floor 13), where outside systems are spoken to in their own protocol.

Purpose     fill the ports of payments and messaging: WeChat Pay (v3 and v2) and the WeChat Official Account.
Words       ConnectedAccount 已接入账号, PlatformToken 平台令牌.
Owns        ConnectedAccount, PlatformToken.
Door        door.py: bind(), unbind(), accounts(). The rest works through ports (config/ports.py) and callbacks.
Never       decides business; keeps a secret in the database; calls outside inside a transaction.
"""
