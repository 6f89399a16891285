from shangquan.kernel.errors import Reason

NO_LINES = Reason("B-4001", "no_lines", 400, "账单里还没有商品。", "There is nothing on this bill yet.")
BAD_LINE = Reason("B-4002", "bad_line", 400, "第 {line} 行不对：{why}", "Line {line} is not valid: {why_en}")
BAD_KEY = Reason(
    "B-4003", "bad_client_key", 400, "client_key 要 8 到 80 个字符。", "client_key has 8 to 80 characters."
)
NO_BILL = Reason("B-4041", "no_such_bill", 404, "没有这张账单。", "There is no such bill.")
NO_REFUND = Reason("B-4042", "no_such_refund", 404, "没有这笔退货。", "There is no such return.")
KEY_TAKEN = Reason(
    "B-4091", "client_key_taken", 409, "这个编号已用于另一张单。", "This client_key was used for something else."
)
NOT_OPEN = Reason(
    "B-4092",
    "bill_not_open",
    409,
    "这张单现在是「{state}」，不能这样做。",
    "The bill is {state_en}; this is not possible.",
)
PRICE_CHANGED = Reason(
    "B-4093",
    "price_changed",
    409,
    "应收变成了 ¥{payable}，请看过再付。",
    "The amount is now ¥{payable}; look again before you pay.",
)
NOT_PAID = Reason(
    "B-4094", "bill_not_paid", 409, "这张单没有付过款，不能退。", "This bill was not paid: nothing to return."
)
RETURN_TOO_MUCH = Reason(
    "B-4095",
    "return_too_much",
    409,
    "第 {line} 行最多还能退 {left} 件。",
    "At most {left} of line {line} can still be returned.",
)
BEING_PAID = Reason(
    "B-4096", "being_paid", 409, "这张单正在付款，请先停止收款。", "This bill is being paid: stop that first."
)
NOTHING_LEFT = Reason("B-4097", "nothing_left", 409, "这张单已经全部退完。", "Everything on this bill was returned.")
