"""Searches: which objects an export takes, in which order, with its owner's rights (docs/api/export-search.md).

A search becomes one SELECT, an arm for each kind of object. Values are parameters.
"""

from collections.abc import Iterator

from msgspec import Struct

from slotport.core.export_fields import FIELDS, ObjectType
from slotport.core.search import Search, Sort
from slotport.storage.search_conditions import FALSE, all_of, condition_of, filled
from slotport.storage.search_fields import Source, source
from slotport.storage.search_text import dialect_of
from slotport.storage.store import Transaction

BLOCK = 1000  #: objects in one piece
#: SQLite puts up to so many slots of an account in order in memory; of one with more it reads the table in order
SORTED_SLOTS = 50_000
SORT_LENGTH = 200  #: letters of a folded text that decide the order

_KINDS = tuple(ObjectType)


class Hit(Struct, frozen=True, gc=False):
    """An object that a search found."""

    type: ObjectType
    id: int
    version: int
    uuid: str  #: "" if it was not asked for


def select(
    transaction: Transaction, owner_id: int, search: Search, *, instance_name: str, with_uuids: bool = True
) -> Iterator[list[Hit]]:
    """The objects in the search's order, up to ``BLOCK`` at a time, as a stream.

    ``owner_id`` is the account whose rights decide; ``instance_name`` is the part of ``_global_object_id`` behind
    the ``@``. The number of statements is constant.
    """
    compiled = _Compiled(transaction, owner_id, search, instance_name, with_uuids=with_uuids)
    statement = compiled.selection()
    if statement is None:
        return
    result = transaction.connection.exec_driver_sql(
        statement, compiled.dialect.parameters, execution_options={"yield_per": BLOCK}
    )
    try:
        for rows in result.partitions(BLOCK):
            yield [Hit(_KINDS[kind], number, version, uuid) for kind, number, version, uuid in rows]
    finally:
        result.close()


def count(transaction: Transaction, owner_id: int, search: Search, *, instance_name: str) -> dict[ObjectType, int]:
    """How many objects of each kind that is searched ``select`` gives, in one statement."""
    compiled = _Compiled(transaction, owner_id, search, instance_name)
    found = dict.fromkeys(compiled.kinds, 0)
    statement = compiled.counting()
    if statement is not None:
        for kind, number in transaction.connection.exec_driver_sql(statement, compiled.dialect.parameters):
            found[_KINDS[kind]] = number
    return found


class _Compiled:
    """A search as SQL for one database."""

    def __init__(
        self,
        transaction: Transaction,
        owner_id: int,
        search: Search,
        instance_name: str,
        *,
        with_uuids: bool = False,
    ) -> None:
        self.dialect = dialect_of(transaction.connection)
        self._search = search
        self._with_uuids = with_uuids
        chosen = None if search.objecttypes is None else {ObjectType(name) for name in search.objecttypes}
        self.kinds = tuple(kind for kind in ObjectType if chosen is None or kind in chosen)
        by_id = not search.sort and ObjectType.SLOT in self.kinds and _has_many_slots(transaction, owner_id)
        self._arms: list[tuple[Source, str]] = []
        for kind in self.kinds:
            found = source(kind, self.dialect, owner_id, instance_name, by_id=by_id)
            condition = condition_of(self.dialect, found, instance_name, search.search)
            if condition != FALSE:
                self._arms.append((found, all_of([found.scope, condition])))

    def counting(self) -> str | None:
        """A SELECT of (kind, count); None: there is nothing to be found."""
        if not self._arms:
            return None
        if self._search.limit is not None or self._search.offset:
            return f"SELECT kind, count(*) FROM ({self.selection()}) AS found GROUP BY kind"
        return " UNION ALL ".join(
            f"SELECT {_KINDS.index(found.kind)} AS kind, count(*) FROM {found.table} AS o WHERE {condition}"
            for found, condition in self._arms
        )

    def selection(self) -> str | None:
        """A SELECT of (kind, id, version, uuid), in order; None: there is nothing to be found."""
        if not self._arms:
            return None
        arms = " UNION ALL ".join(self._arm(found, condition) for found, condition in self._arms)
        if not self._search.sort:  # SQLite merges the arms, each of which it reads in the order of ids
            return f"{arms} ORDER BY id{self._page()}"
        keys = [
            f"key{index}{self.dialect.code if _is_text_key(sort) else ''} {sort.order} NULLS LAST"
            for index, sort in enumerate(self._search.sort)
        ]
        return f"SELECT kind, id, version, uuid FROM ({arms}) AS found ORDER BY {', '.join(keys)}, id{self._page()}"

    def _arm(self, found: Source, condition: str) -> str:
        keys = "".join(f", {self._key(found, sort)} AS key{index}" for index, sort in enumerate(self._search.sort))
        uuid = found.columns["_uuid"].value if self._with_uuids else "CAST('' AS text)"
        return (
            f"SELECT {_KINDS.index(found.kind)} AS kind, o.id AS id, o.version AS version,"
            f" {uuid} AS uuid{keys} FROM {found.table} AS o WHERE {condition}"
        )

    def _key(self, found: Source, sort: Sort) -> str:
        """What a kind of objects is put in order by, null for those without a value."""
        column = found.columns.get(sort.field)
        if column is None:
            return f"CAST(NULL AS {'text' if _is_text_key(sort) else 'bigint'})"
        value = column.value
        if column.kind == "boolean":
            value = f"CASE WHEN {value} THEN 1 ELSE 0 END"
        elif column.kind == "text":
            value = f"substr({self.dialect.fold(filled(column))}, 1, {SORT_LENGTH})"
        if _is_text_key(sort):
            value = f"{value}{self.dialect.code}"
        if column.rows:
            value = f"(SELECT {'min' if sort.order == 'ASC' else 'max'}({value}) {column.rows})"
        return f"CASE WHEN {column.shown} THEN {value} END" if column.shown else value

    def _page(self) -> str:
        limit, offset = self._search.limit, self._search.offset or 0
        if limit is None and not offset:
            return ""
        return f" LIMIT {self.dialect.no_limit if limit is None else f'{limit:d}'} OFFSET {offset:d}"


def _has_many_slots(transaction: Transaction, owner_id: int) -> bool:
    if transaction.connection.dialect.name != "sqlite":
        return False
    some = f"SELECT 1 FROM slot WHERE owner_id = {owner_id:d} AND deleted_at IS NULL LIMIT {SORTED_SLOTS + 1}"
    found = transaction.connection.exec_driver_sql(f"SELECT count(*) FROM ({some}) AS some").scalar_one()
    return bool(found > SORTED_SLOTS)


def _is_text_key(sort: Sort) -> bool:
    return FIELDS[sort.field].kind in ("text", "date")
