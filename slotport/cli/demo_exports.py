"""The exports of ``slotport demo``: one that runs as soon as the server does, and one for every Friday."""

from slotport.actions import exports
from slotport.core.account import Account
from slotport.core.export import State
from slotport.jobs import Queue

DEFINITIONS = (
    {
        "export": {"name": "Everything", "json": True, "csv": True, "ical": True, "schedule_xml": True},
        "_transports": [{"type": "download", "packer": "zip"}],
    },
    {
        "export": {"name": "Fridays at six", "type": "export_incremental", "timeslot": True},
        "_schedules": [{"weekdays": ["friday"], "hours": [18]}],
    },
)


def demo_exports(queue: Queue, account: Account) -> None:
    """Define the exports unless they are there, and start the first one if it has no result."""
    store, settings, now = queue.store, queue.settings, queue.clock()
    found = {export.name: export for export in exports.listed(store, account, (), limit=100, offset=0)[1]}
    for body in DEFINITIONS:
        name = str(body["export"]["name"])  # type: ignore[index]
        if name not in found:
            found[name] = exports.create(store, account, body, settings=settings, now=now)
    first = found[str(DEFINITIONS[0]["export"]["name"])]  # type: ignore[index]
    if first.state in {State.NEW, State.EXPIRED, State.FAILED}:
        queue.start(account, first.id, full=False)
