"""Room card: points (floor 7), the district's one currency of points, and its tiers.

Purpose     what spending earns, what points pay, what a tier takes off; each rule in versions, owner only.
Words       EarnRule 积分规则, SpendRule 抵扣规则, Tier 会员等级, Earning 得分记录, owed 欠分.
Owns        EarnRule, SpendRule, Earning, Tier. Balances are ledger accounts "points.member"/member:ID.
Door        door.py: standing(), offer(), tier_discount(), estimate(), hold(), capture(), release(), earn(), take_back(), …
Events      PointsEarned, PointsTakenBack.
Never       lets a partner set a value; changes a rule backwards; forgets what a refund could not take back: it is owed
            and the next earnings pay it first.
"""
