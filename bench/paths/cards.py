"""One tap: a new member's card from the platform's sign-in."""

from bench.measure import Effort, Timed
from bench.paths.path import Job, Path
from bench.place import Place
from shangquan.kernel.transactions import transaction
from shangquan.members import door as members
from shangquan.members.models import Member, MemberKey

_SETUP = """
create table bench.person (id bigserial primary key, at timestamptz);
create table bench.key (id bigserial primary key, person_id bigint, fingerprint text unique, sealed text);
create table bench.member (id bigserial primary key, person_id bigint unique, card_no text unique, at timestamptz);
create table bench.member_key (id bigserial primary key, member_id bigint, key_id bigint unique);
create table bench.outbox (id bigserial primary key, name text, payload jsonb);
"""
_SCRIPT = r"""
\set lock random(1, 1000000000)
begin;
select pg_advisory_xact_lock(:lock);
insert into bench.person (at) values (now()) returning id as person \gset
insert into bench.member (person_id, card_no, at) values (:person, gen_random_uuid()::text, now()) returning id as member \gset
insert into bench.key (person_id, fingerprint, sealed) values (:person, gen_random_uuid()::text, repeat('0', 80))
  returning id as key \gset
insert into bench.member_key (member_id, key_id) values (:member, :key);
insert into bench.outbox (name, payload) values ('card_opened', '{}');
commit;
"""


def _prepare(place: Place, effort: Effort) -> Job:
    before = Member.rows().count()
    opened: dict[int, int] = {}

    def tap(number: int) -> int:
        with transaction():
            return members.open_card(openid=f"oTap-{number:08d}", channel="official_account", now=place.now).id

    def work(number: int) -> None:
        opened[number] = tap(number)

    def check(took: Timed) -> bool:
        """A card for each, nobody has two, and a second tap answers the first card."""
        ids = set(opened.values())
        return (
            Member.rows().count() - before == len(ids) == took.calls
            and MemberKey.rows().filter(member_id__in=ids).count() == took.calls
            and all(tap(number) == opened[number] for number in list(opened)[:50])
            and Member.rows().count() - before == took.calls
        )

    return Job(work, check, limit=_SCRIPT, limit_setup=_SETUP)


PATH = Path("one-tap card", _prepare)
