from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.transactions import required
from shangquan.messaging.contracts import BAD_RULE, NO_RULE, Reply, RuleCard
from shangquan.messaging.models import ReplyRule
from shangquan.messaging.queries import reply_json, rule_card


@required
def save_reply_rule(
    *, keyword: str, reply: Reply, match: str = "contains", priority: int = 0, is_active: bool = True
) -> RuleCard:
    """Answer a keyword or menu key; one rule a keyword. `@follow` greets, `@away` answers what no rule does (C3).

    Needs `messages.manage`. Refuses G-4004.
    """
    scope.require("messages.manage")
    keyword = keyword.strip()
    if not 1 <= len(keyword) <= 60:
        raise Refused(BAD_RULE, why="关键词要有 1 到 60 个字", why_en="a keyword has 1 to 60 characters")
    if match not in ("exact", "contains"):
        raise Refused(BAD_RULE, why="匹配方式只有 exact 和 contains", why_en="match is exact or contains")
    if reply.article is None and not 1 <= len(reply.text.encode()) <= 2048:
        raise Refused(BAD_RULE, why="回复要有内容，最多 2048 字节", why_en="a reply has text of 2048 bytes at the most")
    row, _ = ReplyRule.rows().update_or_create(
        keyword=keyword,
        defaults={"match": match, "reply": reply_json(reply), "priority": priority, "is_active": is_active},
    )
    audit.record(
        action="messaging.reply_rule", subject="reply_rule", subject_id=keyword,
        after={"match": match, "is_active": is_active},
    )  # fmt: skip
    return rule_card(row)


@required
def delete_reply_rule(*, rule_id: int) -> None:
    """Needs `messages.manage`. Refuses G-4042."""
    scope.require("messages.manage")
    row = ReplyRule.rows().filter(id=rule_id).first()
    if row is None:
        raise Refused(NO_RULE)
    row.delete()
    audit.record(action="messaging.delete_rule", subject="reply_rule", subject_id=row.keyword)
