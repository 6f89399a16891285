"""One transfer from one hot account to one of a thousand others."""

from bench.measure import Effort, Timed
from bench.paths.path import Job, Path
from bench.place import Place
from shangquan.kernel.transactions import transaction
from shangquan.ledger import door as ledger
from shangquan.ledger.contracts import AccountKey, Entry

_SOURCE = AccountKey("bench.source", may_overdraw=True)
_OWNERS = 1_000
_SETUP = """
create table bench.account (id int primary key, debits bigint not null default 0, credits bigint not null default 0);
create table bench.transfer (id bigserial primary key, debit int, credit int, amount bigint, source text, source_id text,
                             step text, at timestamptz, unique (source, source_id, step));
insert into bench.account select g from generate_series(0, 1000) g;
"""
_SCRIPT = r"""
\set to random(1, 1000)
begin;
insert into bench.transfer (debit, credit, amount, source, source_id, step, at)
  values (0, :to, 7, 'bench', gen_random_uuid()::text, 'post', now());
update bench.account set debits = debits + 7 where id = 0;
update bench.account set credits = credits + 7 where id = :to;
commit;
"""


def _prepare(place: Place, effort: Effort) -> Job:
    def work(number: int) -> None:
        to = AccountKey("bench.sink", f"owner:{number % _OWNERS}")
        with transaction():
            ledger.post([Entry(_SOURCE, to, 7, "bench", str(number), "post")])

    def check(took: Timed) -> bool:
        moved = took.calls * 7
        sums = ledger.total("bench.source").posted, ledger.total("bench.sink").posted
        return sums == (-moved, moved) and ledger.prove().holds

    return Job(work, check, limit=_SCRIPT, limit_setup=_SETUP)


PATH = Path("ledger post", _prepare)
