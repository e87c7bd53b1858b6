"""What a run of an incremental export knew: all objects that the search found, with their versions (spec 4.4)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from slotport.actions.run_folder import RunFolder, read_records
from slotport.storage import run_work
from slotport.storage.search import Hit
from slotport.storage.store import Store

_Row = tuple[int, str, str, int]


def write(path: Path, hits: Sequence[Hit], *, is_first: bool) -> None:
    """Add a block of what was found to the file."""
    rows: list[_Row] = [(hit.id, str(hit.type), hit.uuid, hit.version) for hit in hits]
    record = msgspec.msgpack.encode(rows)
    with path.open("wb" if is_first else "ab") as stream:
        stream.write(len(record).to_bytes(4, "little") + record)


def take_over(store: Store, export_id: int, run_id: str, folder: RunFolder) -> None:
    """Make what the run knew the export's baseline, once its files were delivered; nothing if it kept no list."""
    path = folder.found("known")
    if path is not None:
        run_work.replace_known(store, export_id, run_id, _blocks(path))
        path.unlink(missing_ok=True)


def _blocks(path: Path) -> Iterator[Sequence[_Row]]:
    decode = msgspec.msgpack.Decoder(list[_Row]).decode
    for record in read_records(path):
        yield decode(record)
