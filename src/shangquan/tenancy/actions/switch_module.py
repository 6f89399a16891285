from shangquan.kernel import audit, scope
from shangquan.kernel.errors import Refused
from shangquan.kernel.events import publish
from shangquan.kernel.transactions import required
from shangquan.tenancy.contracts import MODULE_NEEDS, MODULE_OFF, ModuleSwitched
from shangquan.tenancy.models import District
from shangquan.tenancy.rules import MODULES, module


@required
def switch_module(*, name: str, on: bool) -> None:
    """Switch a module of the open district, without a restart and without touching data.

    Refuses an unknown module (N-4042), one not built yet (N-4031), and one that needs or is needed by another (N-4091).
    Needs the right `tenancy.switch`.
    """
    scope.require("tenancy.switch")
    wanted = module(name)
    row = District.objects.select_for_update().get(id=scope.district_id())
    before = set(row.modules)
    if (name in before) == on:
        return
    if on:
        if not wanted.ready:
            raise Refused(MODULE_OFF, module=name, title=wanted.zh)
        missing = [other for other in wanted.needs if other not in before]
        if missing:
            raise Refused(MODULE_NEEDS, title=wanted.zh, needs=module(missing[0]).zh)
    else:
        leaning = [other for other in before if name in MODULES[other].needs]
        if leaning:
            raise Refused(MODULE_NEEDS, title=module(leaning[0]).zh, needs=wanted.zh)
    after = before | {name} if on else before - {name}
    row.modules = sorted(after)
    row.save(update_fields=["modules"])
    scope.current().memo.pop("district", None)
    audit.record(action="tenancy.switch", subject="module", subject_id=name, before=sorted(before), after=sorted(after))
    publish(ModuleSwitched(module=name, on=on))
