"""Puts the records of a file into the store, a batch at a time (docs/api/timeslot-import.md)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from slotport.actions.identities import SAME_IDENTITY, identity
from slotport.actions.previews import Watcher
from slotport.actions.report import Report, stale
from slotport.actions.spool import Record
from slotport.core import merge
from slotport.core.account import Account
from slotport.core.group import MOST_GROUPS
from slotport.core.slot import GroupRef, Outcome, Slot, Visibility
from slotport.errors import NotFound, TooLarge, Unauthorized
from slotport.formats import Format
from slotport.storage import accounts, groups, imports, transfer
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

DEFAULT_GROUP = GroupRef(name="Imports")  #: of records that name none


def target_of(transaction: Transaction, caller: Account, uuid: UUID | None) -> transfer.OwnGroup | None:
    """The group that everything goes to or comes from; raises NotFound if it is not the caller's."""
    if uuid is None:
        return None
    group = transfer.find_own_group(transaction, caller.id, uuid)
    if group is None:
        raise NotFound("no such group")
    return group


class Writer:
    """Puts batches of records into one open transaction."""

    def __init__(
        self,
        transaction: Transaction,
        caller: Account,
        report: Report,
        format_: Format,
        group: UUID | None,
        now: datetime,
        watcher: Watcher | None = None,
    ) -> None:
        self.transaction = transaction
        self.caller = caller
        self.report = report
        self.format = format_
        self.keeps = format_.keeps
        self.watcher = watcher  #: of a preview
        self.change = transaction.change  # the first lock: see docs/design/storage.md
        self.now = milliseconds(now)
        if not accounts.is_live(transaction, caller.id):
            raise Unauthorized("the account was deleted")
        self.target = target_of(transaction, caller, group)
        self.is_first = False  #: nothing can be stored already, and no two records are of one identity
        self.groups = _Groups(transaction, caller, self.target, now)
        self.matched: set[int] = set()  # slots that a record without uid of its own was matched with
        self.some_were_fine = False
        self.wrote = False
        self.is_logged = False

    def put(self, batch: Sequence[Record]) -> None:
        """Create, change or leave alone what the records name."""
        unique = {} if self.is_first else {identity(record.slot): record for record in batch}
        if unique and len(unique) < len(batch):  # a uid written to look like a derived one
            last = {record.index for record in unique.values()}
            for record in batch:
                if record.index not in last:
                    self.report.tell(stale(record, SAME_IDENTITY))
            batch = list(unique.values())
        if not batch:
            return
        self.groups.prepare(batch)
        known = self._known(batch)
        fresh: list[Record] = []
        found: list[tuple[Record, transfer.Known]] = []
        for record in batch:
            match = known.get(record.index)
            if match is None:
                fresh.append(record)
            elif "sequence" in self.keeps and self._is_stale(record, match):
                self.some_were_fine = True
                self.report.tell(stale(record, "a later version of this is stored already"))
            else:
                found.append((record, match))
        self._add(fresh)
        self._change(found)

    def _known(self, batch: Sequence[Record]) -> dict[int, transfer.Known]:
        """By record index, the stored slot that the record is about."""
        if self.is_first:
            return {}
        owner = self.caller.id
        by_uid = transfer.known_by_uid(self.transaction, owner, [record.slot.uid or "" for record in batch])
        known = {}
        rest = []
        for record in batch:
            match = by_uid.get((record.slot.uid or "", record.slot.recurrence_id))
            if match is not None and not (record.derived and match.deleted):
                known[record.index] = match
                if record.derived:
                    self.matched.add(match.id)
            elif record.derived:
                rest.append(record)
        if not rest:
            return known
        starts = [transfer.times(record.slot)[0] for record in rest]
        candidates = transfer.known_by_start(self.transaction, owner, starts, before_change=self.change)
        for record in rest:
            free = [
                match
                for match in candidates.get((record.slot.title, transfer.times(record.slot)[0]), ())
                if match.id not in self.matched
            ]
            if free:
                match = next((match for match in free if match.content_hash == record.digest), free[0])
                self.matched.add(match.id)
            else:  # a deleted slot that came from such a record comes back
                match = by_uid.get((record.slot.uid or "", record.slot.recurrence_id))
            if match is not None:
                known[record.index] = match
        return known

    def _is_stale(self, record: Record, match: transfer.Known) -> bool:
        if match.deleted:
            return False
        return merge.is_older(
            record.slot,
            match.sequence,
            None if match.modified_at is None else at(match.modified_at),
            None if match.stamped_at is None else at(match.stamped_at),
        )

    def _add(self, fresh: Sequence[Record]) -> None:
        if not fresh:
            return
        groups_of = [self.groups.of(record.slot) for record in fresh]
        ids = self.transaction.object_ids(len(fresh))
        additions = [
            transfer.Addition(
                slot_id, self.groups.shown(merge.as_new(record.slot), group_ids), record.digest, group_ids
            )
            for slot_id, record, group_ids in zip(ids, fresh, groups_of, strict=True)
        ]
        transfer.add_slots(self.transaction, self.caller.id, additions, now=self.now)
        self.report.count(Outcome.CREATED, len(fresh))
        if self.watcher is not None:
            self.watcher.created(fresh)
        self.some_were_fine = self.wrote = True

    def _change(self, found: Sequence[tuple[Record, transfer.Known]]) -> None:
        if not found:
            return
        self.some_were_fine = True
        held = transfer.groups_of(self.transaction, [match.id for _, match in found])
        wanted = {match.id: self.groups.of(record.slot, bool(held.get(match.id))) for record, match in found}
        differing = [pair for pair in found if pair[1].deleted or pair[1].content_hash != pair[0].digest]
        joining = [
            slot_id for slot_id, group_ids in wanted.items() if not held.get(slot_id, {}).keys() >= set(group_ids)
        ]
        loaded = dict.fromkeys([*(match.id for _, match in differing), *joining])
        stored = transfer.load(self.transaction, list(loaded), self.caller.id)
        changed = self._merged(differing, stored, held, wanted)
        joined = {slot_id: wanted[slot_id] for slot_id in joining if slot_id not in changed}
        self._keep_before([*changed, *joined], found, stored, held)
        transfer.change_slots(self.transaction, self.caller.id, list(changed.values()), now=self.now)
        self._join(joined)
        updated = len(changed) + len(joined)
        self.report.count(Outcome.UPDATED, updated)
        self.report.count(Outcome.UNCHANGED, len(found) - updated)
        self.wrote = self.wrote or updated > 0
        if self.watcher is not None:
            slots = {slot_id: (stored[slot_id].slot, addition.slot) for slot_id, addition in changed.items()}
            both = {slot_id: (held.get(slot_id, {}).keys(), wanted[slot_id]) for slot_id in (*changed, *joined)}
            self.watcher.found(found, slots, both)

    def _merged(
        self,
        differing: Sequence[tuple[Record, transfer.Known]],
        stored: Mapping[int, transfer.Stored],
        held: Mapping[int, Mapping[int, bool]],
        wanted: Mapping[int, tuple[int, ...]],
    ) -> dict[int, transfer.Addition]:
        """What becomes of the stored slots that do change, by id."""
        changed: dict[int, transfer.Addition] = {}
        for record, match in differing:
            before, group_ids = stored[match.id], wanted[match.id]
            after = merge.merged(before.slot, record.slot, self.keeps)
            in_public = any(held.get(match.id, {}).values())
            after = self.groups.shown(after, group_ids, in_public=in_public)
            if match.deleted or not merge.is_same(before.slot, after):
                changed[match.id] = transfer.Addition(
                    match.id, after, record.digest, group_ids, before.version + 1, before.created_at
                )
        return changed

    def _join(self, joined: Mapping[int, tuple[int, ...]]) -> None:
        """Put slots that do not change otherwise into groups."""
        if joined:
            pairs = [(slot_id, group_id) for slot_id, group_ids in joined.items() for group_id in group_ids]
            transfer.put_into_groups(self.transaction, pairs, self.now)
            transfer.make_public(self.transaction, list(joined), self.now)

    def _keep_before(
        self,
        slot_ids: Sequence[int],
        found: Sequence[tuple[Record, transfer.Known]],
        stored: Mapping[int, transfer.Stored],
        held: Mapping[int, Mapping[int, bool]],
    ) -> None:
        """Keep what these slots are, before they change, so that the import can be undone."""
        if slot_ids:
            self._log()
            hashes = {match.id: match.content_hash for _, match in found}
            before = [imports.before(stored[one], hashes[one], tuple(held.get(one, ()))) for one in slot_ids]
            imports.keep_before(self.transaction, before)

    def _log(self) -> None:
        if not self.is_logged:
            imports.begin(self.transaction, self.caller.id, self.format.name, self.now)
            self.is_logged = True

    def finish(self) -> None:
        """Leave the mark of the commit on the account, and the import in the log, if anything changed."""
        if not self.wrote and not self.groups.made:
            return
        accounts.mark_changed(self.transaction, [self.caller.id])
        self._log()
        imports.complete(self.transaction, **self.report.counts())
        self.report.import_id = self.transaction.change


class _Groups:
    """The groups that records go to; made on first use (Timeslot spec, section 2.8)."""

    def __init__(
        self, transaction: Transaction, caller: Account, target: transfer.OwnGroup | None, now: datetime
    ) -> None:
        self.transaction = transaction
        self.caller = caller
        self.target = target
        self.now = now
        self.made = 0
        self._owned = 0  # before this import
        self.public: set[int] = {target.id} if target is not None and target.public else set()
        self._ids: dict[GroupRef, int] = {}
        self._default: tuple[int, ...] = ()  # the one for records that name none, once it is known

    def prepare(self, batch: Sequence[Record]) -> None:
        """Find or make the groups that the records name."""
        if self.target is None:
            self._find_or_make(dict.fromkeys(ref for record in batch for ref in record.slot.groups))

    def _find_or_make(self, refs: Iterable[GroupRef]) -> None:
        wanted = [ref for ref in refs if ref not in self._ids]
        if not wanted:
            return
        uuids = [ref.uuid for ref in wanted if ref.uuid]
        own = transfer.own_groups(self.transaction, self.caller.id, uuids, [ref.name for ref in wanted])
        taken = transfer.taken_uuids(self.transaction, uuids)
        by_uuid = {group.uuid: group for group in own}
        by_name = {group.name: group for group in reversed(own)}  # of several with one name: the oldest
        for ref in wanted:
            group = (by_uuid.get(ref.uuid) if ref.uuid else None) or by_name.get(ref.name)
            if group is None:
                group = self._make(ref, None if ref.uuid in taken else ref.uuid)
                by_uuid[group.uuid] = by_name[group.name] = group
                taken.add(group.uuid)
            self._ids[ref] = group.id
            if group.public:
                self.public.add(group.id)

    def _make(self, ref: GroupRef, uuid: str | None) -> transfer.OwnGroup:
        if self.made == 0:
            self._owned = groups.count_own(self.transaction, self.caller.id)
        self.made += 1
        if self._owned + self.made > MOST_GROUPS:
            raise TooLarge(f"the file names too many new groups: an account has at most {MOST_GROUPS}")
        made = groups.add(
            self.transaction,
            self.caller.id,
            name=ref.name,
            uuid=UUID(uuid) if uuid else None,
            image=ref.image,
            public=ref.public,
            description=ref.description,
            now=self.now,
        )
        return transfer.OwnGroup(made.id, str(made.uuid), made.name, made.public)

    def of(self, slot: Slot, is_in_some: bool = False) -> tuple[int, ...]:  # noqa: FBT001, FBT002
        """Ids of the groups that the record goes to, each once; none if it names none and its slot is in some."""
        if self.target is not None:
            return (self.target.id,)
        if slot.groups:
            return tuple(dict.fromkeys(self._ids[ref] for ref in slot.groups))
        if is_in_some:
            return ()
        if not self._default:
            self._find_or_make([DEFAULT_GROUP])
            self._default = (self._ids[DEFAULT_GROUP],)
        return self._default

    def shown(self, slot: Slot, group_ids: Iterable[int], *, in_public: bool = False) -> Slot:
        """The slot, public if one of the groups is, or if it is in a public one already."""
        if not in_public and self.public.isdisjoint(group_ids):
            return slot
        return structs.replace(slot, visibility=Visibility.PUBLIC)
