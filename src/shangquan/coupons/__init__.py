"""Room card: coupons (floor 8), from a merchant's idea to the till.

Purpose     campaigns, their pieces in members' hands, claiming, holding, redeeming, giving; the shelf with its enrolment;
            rules that issue a coupon after a payment; the figures of all of it.
Words       Campaign 券 (活动), Piece 一张券, Shelf 货架, ShelfEntry 报名, Gift 转赠, IssueRule 支付后发券规则.
Owns        Campaign, DayCounter, MemberCounter, Piece, PieceUse, Shelf, ShelfEntry, Gift, IssueRule, BillIssue.
Door        door.py: claim(), issue(), usable_for(), hold(), release(), redeem(), give_back(), figures(), …
Events      CouponClaimed, CouponRedeemed, CouponReturned, CouponGiven, CampaignPublished, CampaignPaused, CampaignEnded,
            ShelfOpened, EnrolmentDecided.
Never       prices a bill, moves money, sends a message.
"""
