"""Room card: members (floor 5), the people served.

Purpose     knows a person once on the platform and gives a membership in each district: card, fan history, consent.
Words       Person 自然人, Member 会员, card 会员卡, Fan 粉丝, Consent 授权同意, Dealing 往来, channel 招募渠道.
Owns        Person and PersonKey (platform), MemberKey, Member, Fan, FollowEvent, Consent, Dealing.
Door        door.py: open_card(), member(), members(), by_openid(), by_key(), by_card(), openid_of(), fan(), record_follow(),
            set_tier(), note_dealing(), consent, search(), recruits(), export.
Events      CardOpened, Followed, Unfollowed, TierChanged.
Never       puts a phone, plate or openid into an event, an audit line or a log; guesses who somebody is.
"""
