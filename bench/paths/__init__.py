"""The hot paths, one file each; the order here is the order of the table."""

from bench.paths import cards, claims, ledger_posts, quotes, reactions, scans, till

PATHS = (
    claims.ONE_BY_ONE, claims.BATCHES, claims.SOLD_OUT, quotes.PATH, till.PATH, ledger_posts.PATH, scans.PATH,
    reactions.PATH, cards.PATH,
)  # fmt: skip

__all__ = ["PATHS"]
