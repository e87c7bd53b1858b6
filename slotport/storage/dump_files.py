"""The files that a store's rows name: media, their renditions, and what the results of exports consist of."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, literal, select

from slotport.storage.store import Transaction
from slotport.storage.tables_exports import asset, asset_version, export, export_archive, export_file

BATCH = 500


class NamedFile(Struct, frozen=True, kw_only=True):
    """A file that should lie in the files folder."""

    place: Literal["media", "files", "archives"]  #: media, or which folder of a run
    owner: int  #: id of the asset, or of the export
    run_id: str  #: empty of media
    name: str  #: of ``files`` a path; of media without its ending, and empty of the original
    extension: str  #: of media
    size: int
    sha256: str


def listed(transaction: Transaction) -> Iterator[NamedFile]:
    """All files that there should be: media, their renditions, files and archives of results.

    Each by their owner's id and then by name or position, alike on both databases; read as a stream.
    """
    for query in _queries(by_code_point=transaction.connection.dialect.name == "postgresql"):
        with transaction.connection.execute(query, execution_options={"yield_per": BATCH}) as rows:
            for row in rows:
                yield NamedFile(**row._mapping)  # noqa: SLF001 # SQLAlchemy's public name


def total(transaction: Transaction) -> tuple[int, int]:
    """How many files there should be, and of how many bytes."""
    counts = sizes = 0
    for query in _queries(by_code_point=False):
        part = query.order_by(None).subquery()
        count, size = transaction.connection.execute(
            select(func.count(), func.sum(part.c.size)).select_from(part)
        ).one()
        counts, sizes = counts + count, sizes + int(size or 0)
    return counts, sizes


def is_named(transaction: Transaction, file: NamedFile) -> bool:
    """Whether the store still names the file."""
    if file.place == "media":
        query = select(asset.c.id).where(asset.c.id == file.owner)
    else:
        query = select(export.c.id).where(export.c.id == file.owner, export.c.result_run_id == file.run_id)
    return transaction.connection.execute(query).first() is not None


def _queries(*, by_code_point: bool) -> Iterator[Select[Any]]:
    """``by_code_point``: the database has to be told to compare texts so."""

    def ordered(name: ColumnElement[str]) -> ColumnElement[str]:
        return name.collate("C") if by_code_point else name

    nothing = literal("")
    yield _named("media", asset.c.id, nothing, nothing, asset.c.extension, asset).order_by(asset.c.id)
    rendition = asset_version.c
    yield _named("media", rendition.asset_id, nothing, rendition.name, rendition.extension, asset_version).order_by(
        rendition.asset_id, ordered(rendition.name)
    )
    file, archive = export_file.c, export_archive.c
    yield (
        _named("files", export.c.id, file.run_id, file.path, nothing, export_file)
        .join(export, export.c.result_run_id == file.run_id)
        .order_by(export.c.id, file.position)
    )
    yield (
        _named("archives", export.c.id, archive.run_id, archive.file_name, nothing, export_archive)
        .join(export, export.c.result_run_id == archive.run_id)
        .order_by(export.c.id, ordered(archive.packer), archive.part)
    )


def _named(
    place: str,
    owner: ColumnElement[int],
    run_id: ColumnElement[str],
    name: ColumnElement[str],
    extension: ColumnElement[str],
    table: Any,
) -> Select[Any]:
    return select(
        literal(place).label("place"),
        owner.label("owner"),
        run_id.label("run_id"),
        name.label("name"),
        extension.label("extension"),
        table.c.size,
        table.c.sha256,
    ).select_from(table)
