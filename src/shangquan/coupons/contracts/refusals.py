"""Every "no" of the coupons room."""

from shangquan.kernel.errors import Reason

BAD_TERMS = Reason("C-4001", "bad_terms", 400, "券的内容不对：{why}", "These terms are not valid: {why_en}")

NOT_FOR_YOU = Reason(
    "C-4031", "not_for_you", 403, "这张券发给指定会员，你暂时不能领。", "This coupon is for other members."
)
WRONG_MERCHANT = Reason(
    "C-4032", "wrong_merchant", 403, "这张券不能在这家商户使用。", "This coupon is not valid at this merchant."
)
WRONG_STORE = Reason(
    "C-4033", "wrong_store", 403, "这张券不能在这家门店使用。", "This coupon is not valid at this store."
)
OWNER_DECIDES = Reason(
    "C-4034", "owner_decides", 403, "{why}，要由商圈审核后发布。", "The district's owner publishes this: {why_en}."
)
WAY_CLOSED = Reason("C-4035", "way_closed", 403, "这张券不在这里领取。", "This coupon cannot be claimed in this way.")
NOT_GIFTABLE = Reason("C-4036", "not_giftable", 403, "这张券不能转赠。", "This coupon cannot be given away.")

NO_CAMPAIGN = Reason("C-4041", "no_campaign", 404, "没有这个券。", "There is no such coupon campaign.")
NO_PIECE = Reason("C-4042", "no_piece", 404, "没有这张券。", "There is no such coupon.")
NO_SHELF = Reason("C-4043", "no_shelf", 404, "没有这个货架。", "There is no such shelf.")
NO_GIFT = Reason("C-4044", "no_gift", 404, "没有这份转赠。", "There is no such gift.")
NO_ENTRY = Reason("C-4045", "no_entry", 404, "没有这条报名。", "There is no such enrolment.")
NO_RULE = Reason("C-4046", "no_rule", 404, "没有这条发券规则。", "There is no such issue rule.")

SOLD_OUT = Reason("C-4091", "sold_out", 409, "这张券刚被领完。", "This coupon has just run out.")
LIMIT_REACHED = Reason(
    "C-4092",
    "limit_reached",
    409,
    "每人限领 {per_member} 张，你已领过。",
    "The limit is {per_member} each, and you have claimed yours.",
)
DAY_FULL = Reason(
    "C-4093", "day_full", 409, "今天的已领完，明天再来。", "Today's share has run out; come back tomorrow."
)
ALREADY_USED = Reason(
    "C-4094",
    "already_used",
    409,
    "这张券已用过（{at}，{where}，{who}）。",
    "This coupon was used already ({at}, {where}, {who}).",
)
HELD_ELSEWHERE = Reason(
    "C-4095",
    "held_elsewhere",
    409,
    "这张券正用于另一笔付款，请稍后再试。",
    "This coupon is set aside for another payment; try again in a moment.",
)
GIVEN_AWAY = Reason(
    "C-4096",
    "given_away",
    409,
    "这张券正在转赠或已送给别人，此码失效。",
    "This coupon was given away; this code is dead.",
)
VOIDED = Reason("C-4097", "voided", 409, "这张券已作废。", "This coupon has been withdrawn.")
WRONG_STATE = Reason(
    "C-4098", "wrong_state", 409, "现在是「{state}」，不能这样做。", "This cannot be done while it is {state}."
)
PAUSED = Reason("C-4099", "paused", 409, "这张券已暂停。", "This coupon is paused.")

EXPIRED = Reason("C-4101", "expired", 410, "这张券已过期（{at}）。", "This coupon expired ({at}).")
CLAIM_OVER = Reason("C-4102", "claim_over", 410, "领取已结束。", "Claiming has ended.")
GIFT_GONE = Reason(
    "C-4103", "gift_gone", 410, "这份转赠已被领走、收回或过期。", "This gift was taken, recalled or has expired."
)
DEADLINE_PASSED = Reason("C-4104", "deadline_passed", 410, "报名已于 {at} 截止。", "Enrolment closed at {at}.")
NOTHING_LEFT = Reason("C-4105", "nothing_left", 410, "这张券的内容已用完。", "Nothing is left on this coupon.")

TOO_EARLY = Reason("C-4221", "too_early", 422, "这张券还没到使用时间：{zh}。", "This coupon is not valid yet: {en}.")
NOT_NOW = Reason("C-4222", "not_now", 422, "这张券现在不能用：{zh}。", "This coupon cannot be used now: {en}.")
NOT_FOR_THIS = Reason("C-4223", "not_for_this", 422, "这张券用不上：{zh}。", "This coupon does not apply: {en}.")
CLAIM_NOT_STARTED = Reason("C-4224", "claim_not_started", 422, "{at} 开始领取。", "Claiming starts at {at}.")
OVER_BUDGET = Reason(
    "C-4225",
    "over_budget",
    422,
    "最多要花 ¥{worst}，超过预算 ¥{budget}。",
    "The worst case of ¥{worst} is over the budget of ¥{budget}.",
)
OWN_GIFT = Reason("C-4226", "own_gift", 422, "不能领取自己送出的券。", "You cannot accept your own gift.")
