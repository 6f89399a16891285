"""From the outbox to the last effect: events relayed to jobs and every reaction run once, in rounds.

A call is a round: a batch of claims is published, relayed and reacted to; an operation is one reaction to one event. The limit is
the least that delivering once costs: a job in, its mark and an effect in a transaction, the job out.
"""

from bench.measure import Effort, Timed
from bench.paths.path import Job, Path
from bench.place import Place, campaign, cards
from shangquan.codes import door as codes
from shangquan.codes.models import ScanEvent
from shangquan.coupons.contracts import CouponClaimed, Scope
from shangquan.kernel import jobs
from shangquan.kernel.events import deliver, publish, reactions_to
from shangquan.kernel.models import OutboxEvent, ReactionDone
from shangquan.kernel.transactions import transaction

_EVENTS = 20
_SETUP = """
create table bench.mark (id bigserial primary key, district_id bigint, event_id bigint, reaction text, done_at timestamptz,
                         unique (event_id, reaction));
create table bench.effect (id int primary key, n bigint default 0);
create table bench.job (id bigserial primary key, name text, args jsonb);
insert into bench.effect select g from generate_series(1, 1000) g;
"""
_SCRIPT = r"""
\set which random(1, 1000)
insert into bench.job (name, args) values ('react', '{}') returning id \gset
begin;
insert into bench.mark (district_id, event_id, reaction, done_at) values (1, :id, 'effect', now()) on conflict do nothing;
update bench.effect set n = n + 1 where id = :which;
commit;
delete from bench.job where id = :id;
"""


def _prepare(place: Place, effort: Effort) -> Job:
    jobs.drain()  # what the paths above published
    (member,) = cards(place, "reactions", 1)
    chosen = campaign(
        place, total=None, issuer_id=place.merchant, scope=Scope(merchants_in=frozenset({place.merchant}))
    )
    with transaction():
        scene = codes.make_scene("shelf", "store", place.store, "the bench's poster", now=place.now).id
    jobs.drain()
    reactions, marks = len(reactions_to(CouponClaimed.event_name)), ReactionDone.rows().count()
    assert reactions, "the journeys are there"
    ran: list[int] = []

    def work(number: int) -> None:
        facts = [_claimed(chosen, member, scene, number * _EVENTS + i) for i in range(_EVENTS)]
        with transaction():
            publish(*facts)
        ran.append(jobs.drain())

    def check(took: Timed) -> bool:
        """Each reaction to each event ran once and left its effect; a second delivery does nothing."""
        facts = OutboxEvent.rows().filter(name=CouponClaimed.event_name, payload__campaign_id=chosen)
        effects = ScanEvent.rows().filter(scene_id=scene, what="claim").count()
        again = [deliver(facts.earliest("id").id, name) for name in reactions_to(CouponClaimed.event_name)]
        return (
            ran == [_EVENTS * reactions] * took.calls
            and facts.count() == effects == took.calls * _EVENTS
            and ReactionDone.rows().count() - marks == took.calls * _EVENTS * reactions
            and not OutboxEvent.rows().filter(relayed_at__isnull=True).exists()
            and not any(again)
        )

    return Job(work, check, limit=_SCRIPT, limit_setup=_SETUP, threads=1, per_call=_EVENTS * reactions)


def _claimed(campaign_id: int, member_id: int, scene_id: int, number: int) -> CouponClaimed:
    return CouponClaimed(
        piece_id=2_000_000_000 + number, campaign_id=campaign_id, member_id=member_id, source="shelf",
        source_code_id=scene_id,
    )  # fmt: skip


PATH = Path(f"relay and reactions, {_EVENTS} events a round", _prepare)
