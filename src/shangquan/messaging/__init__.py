"""Room card: messaging (floor 6), what is said between the district and its fans.

Purpose     the official accounts and what each may do; fans' messages and automatic replies; menus; service notices;
            content push, at most one a day for each member.
Words       OfficialAccount 公众号, notice 服务通知, push 推送, ReplyRule 自动回复, capability 接口能力.
Owns        OfficialAccount, InMessage, OutMessage, ReplyRule, Menu, Template, Push, MarketingDay.
Door        door.py. ports.py: AccountPort, LoginPort, PagePort (connectors fill them), readers of scenes, responders.
Events      AccountBound, FanWrote, SceneEntered, NoticeSent, PushSent, PushRequested, PushDecided.
Never       knows WeChat's wire; writes twice for one key; pushes to somebody who did not agree.
"""
