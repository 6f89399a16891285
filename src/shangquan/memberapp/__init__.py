"""Room card: memberapp (floor 14), the consumer's pages inside WeChat and on the district's site.

Purpose     one member's home: signing in, card and code, coupons, points, bills, paying, shops, own data.
Words       LoginScene 扫码登录, member session 会员会话, fan 粉丝 (an openid without a card), guest 游客.
Owns        LoginScene. Everything else is asked of other rooms' doors.
Pages       /m/… (urls.py, pages/), the site at / (site_urls.py).
Plugs       recognises members for identity (`register_visitor`), names the pages that scene codes open
            (`codes.register_destination`).
Never       decides a price, a claim, a gift or a payment: it shows what the rooms below answer, with their reasons.
"""
