"""The steps of a run that write its files: media first, then the data that refers to them (docs/formats/objects.md).

Each step gives {files, bytes, skipped, warnings}, and leaves a list of its files and a page of remarks in the work
folder. Done again, it writes the same bytes.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path

import msgspec

from slotport import __version__
from slotport.actions import export_media, object_spool
from slotport.actions.export_media import MediaPlan, PlannedFile
from slotport.actions.object_spool import ALL, Span
from slotport.actions.run_folder import Output, RunFolder, anew, listed, read_records
from slotport.actions.run_handle import RunHandle
from slotport.core import exported_record
from slotport.core.deletion import Deletion
from slotport.core.export import CsvOptions, Export, File, Progress
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.core.object_links import Linked
from slotport.depot import depot_of
from slotport.formats import manifest, objects, objects_csv, objects_json, objects_xml, run_calendar
from slotport.formats.objects import Media, Rendition, Shape
from slotport.images import Images
from slotport.settings import Settings
from slotport.storage import assets

MEDIA_FILES = 500  #: in one step
ASSETS = 1000  #: looked up at once
FORMATS = ("csv", "xml", "json", "ical", "outlook", "timeslot", "schedule_xml", "schedule_json")
_OF_SCHEDULES = (ObjectType.TIMESLOT, ObjectType.EVENT, ObjectType.LOCATION, ObjectType.CONVENTION)
#: kinds of objects that a format takes, where those are not all
_TAKEN = {
    "ical": (ObjectType.SLOT, ObjectType.TIMESLOT),
    "outlook": (ObjectType.SLOT, ObjectType.TIMESLOT),
    "timeslot": (ObjectType.SLOT,),
    "schedule_xml": _OF_SCHEDULES,
    "schedule_json": _OF_SCHEDULES,
}
NOTES = 64 * 1024  #: characters of a run's protocol


class RunFiles:
    """Writes the files of one run."""

    def __init__(
        self,
        handle: RunHandle,
        export: Export,
        folder: RunFolder,
        settings: Settings,
        *,
        images: Images,
        base_url: str,
        owner_zone: str,
        started_at: datetime,
        total: int,
    ) -> None:
        self._handle, self._export, self._folder, self._settings = handle, export, folder, settings
        self._images, self._base_url, self._started_at = images, base_url, started_at
        self._definition = export.definition
        self._owner_zone = owner_zone
        self._total = total
        self._written = 0
        self.steps: list[str] = []  #: those that wrote files, in order

    # Media

    def plan_media(self) -> dict[str, int]:
        """Decide what media files there will be; how many, and how many there cannot be."""
        plan = MediaPlan(
            self._definition,
            export_name=self._export.name,
            instance_name=self._settings.instance_name,
            depot=depot_of(self._settings),
            remove_metadata=self._settings.image_metadata == "remove",
            field_texts=lambda one: objects.texts(one, self._settings.instance_name),
        )
        notes: list[str] = []
        count = skipped = 0
        encode = msgspec.msgpack.Encoder().encode
        with anew(self._folder.work / "plan") as stream:
            for number, span in enumerate(self._batches, 1):
                batch = number if self._batch_size else None
                for one in object_spool.read(self._objects_path, span):
                    self._handle.check()
                    planned = plan.plan(one, batch=batch)
                    skipped += len(planned.warnings)
                    notes += planned.warnings
                    for file in planned.files:
                        record = encode(file)
                        stream.write(len(record).to_bytes(4, "little") + record)
                        count += 1
        self._note("plan", notes)
        return {"planned": count, "skipped": skipped, "warnings": skipped}

    def write_media(self, step: str, first: int) -> dict[str, int]:
        """Write the next media files of the plan."""
        decode = msgspec.msgpack.Decoder(PlannedFile).decode
        records = islice(read_records(self._folder.work / "plan"), first, first + MEDIA_FILES)
        output = self._output(step)
        notes: list[str] = []
        done = export_media.write(
            map(decode, records),
            self._folder.files,
            depot=depot_of(self._settings),
            images=self._images,
            modified=self._started_at,
            check=self._handle.check,
        )
        for one in done:
            if isinstance(one, File):
                output.note(one)
            else:
                notes.append(one.warning)
        self._note(step, notes)
        return {**output.close(), "skipped": len(notes), "warnings": len(notes)}

    @cached_property
    def _media_paths(self) -> Mapping[int, Mapping[int, Sequence[str]]]:
        """By object and asset: the paths of the media files that were written."""
        found: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for file in listed(self._folder, [step for step in self.steps if step.startswith("media-")]):
            if file.eas_id is not None:
                for number in file.objects:
                    found[number][file.eas_id].append(file.path)
        return found

    # Data

    def write(self, name: str, counts: Mapping[str, int]) -> dict[str, int]:
        """Write the files of one format; ``counts`` says how many objects there are of each kind."""
        output = self._output(name)
        writers: dict[str, Callable[[Output], None]] = {
            "csv": lambda one: self._csv(one, counts),
            "xml": self._xml,
            "json": self._json,
            "ical": self._ical,
            "outlook": self._outlook,
            "timeslot": self._timeslot,
            "schedule_xml": lambda one: self._schedules(one, "xml"),
            "schedule_json": lambda one: self._schedules(one, "json"),
            "deletions": self._deleted,
        }
        self._written = 0
        writers[name](output)
        is_schedule = name.startswith("schedule")
        skipped = sum(map(run_calendar.has_no_entry, self._objects())) if is_schedule else 0
        self._note(name, list(_remarks(name, counts, skipped=skipped, is_empty=output.count == 0)))
        return {**output.close(), "skipped": skipped, "warnings": 0}

    def wants_json(self) -> bool:
        """Whether any object is to be told of as json."""
        if self._definition.json:
            return True
        return bool(self._definition.assets) and any(
            export_media.wants_json(self._definition, one) for one in self._objects()
        )

    def write_manifest(self) -> dict[str, int]:
        """Write the lists of all files, which do not stand in themselves."""
        output = self._output("manifest")
        head = objects_json.Head(
            export_id=self._export.id,
            export_version=self._export.version,
            export_name=self._export.name,
            generated=self._started_at,
        )
        public_ids = {
            item.asset.id: item.asset.public_id
            for one in self._objects()
            for item in one.media
            if item.asset is not None
        }
        files = manifest.manifest(self._files(), head, public_id=public_ids.get)
        listing = output.write(manifest.MANIFEST, files, manifest.MEDIA_TYPES[manifest.MANIFEST])
        sums = manifest.sums((*self._files(), listing))
        output.write(manifest.SUMS, sums, manifest.MEDIA_TYPES[manifest.SUMS])
        return {**output.close(), "skipped": 0, "warnings": 0}

    def _files(self) -> Iterator[File]:
        return listed(self._folder, self.steps)

    def _csv(self, output: Output, counts: Mapping[str, int]) -> None:
        options = self._definition.csv or CsvOptions()
        whole = {ObjectType(kind) for kind, number in counts.items() if number}
        searched = set(map(ObjectType, self._definition.search.objecttypes or ObjectType))
        bare = searched - whole  # of these there is a header, in the first package
        for prefix, span in self._packages():
            shape = self._shape(prefix)
            kinds = whole
            if len(whole) > 1 and self._batch_size:  # a batch may be of fewer kinds
                kinds = {one.type for one in object_spool.read(self._objects_path, span)}
            kinds = kinds | {kind for kind in bare if shape.shown(kind)}
            bare = set()
            for kind in sorted(kinds, key=list(ObjectType).index):

                def of_kind(kind: ObjectType = kind, span: Span = span) -> Iterator[Exported]:
                    return (one for one in self._told(span) if one.type is kind)

                pieces = objects_csv.write(of_kind, kind, options, shape)
                output.write(f"{prefix}{kind}.csv", pieces, objects_csv.MEDIA_TYPE)

    def _json(self, output: Output) -> None:
        definition = self._definition
        for prefix, span in self._packages():
            told = (one for one in self._told(span) if export_media.wants_json(definition, one))
            if not definition.json_one_file_per_object:
                pieces = objects_json.write(told, self._head, self._shape(prefix))
                output.write(f"{prefix}objects.json", pieces, objects_json.MEDIA_TYPE)
                continue
            for one in told:
                path = self._path_of(prefix, one, "json")
                pieces = objects_json.write((one,), self._head, self._shape(path))
                output.write(path, pieces, objects_json.MEDIA_TYPE, objects=(one.id,))

    def _xml(self, output: Output) -> None:
        merging = objects_xml.Merging(
            mode=self._definition.merge_linked_objects,
            depth=self._definition.merge_max_depth,
            links=_Links(self._folder.work / "linked"),
            is_main=self._is_main(),
        )
        for prefix, span in self._packages():
            told = self._told(span)
            if not self._definition.xml_one_file_per_object:
                pieces = objects_xml.write(told, self._head, self._shape(prefix), merging)
                output.write(f"{prefix}objects.xml", pieces, objects_xml.MEDIA_TYPE)
                continue
            for one in told:
                path = self._path_of(prefix, one, "xml")
                pieces = objects_xml.write((one,), self._head, self._shape(path), merging)
                output.write(path, pieces, objects_xml.MEDIA_TYPE, objects=(one.id,))

    def _is_main(self) -> Callable[[int], bool]:
        if self._definition.merge_linked_objects == "none":
            return lambda _number: False
        found = array("q", sorted(one.id for one in self._objects()))

        def is_main(number: int) -> bool:
            place = bisect_left(found, number)
            return place < len(found) and found[place] == number

        return is_main

    def _ical(self, output: Output) -> None:
        options = self._definition.ical
        if options is False:
            return
        media_type = run_calendar.MEDIA_TYPES["ical"]
        if not options.one_file_per_group:
            pieces = run_calendar.calendar(self._told(), options, self._calendar_head, deleted=self._deletions())
            output.write(run_calendar.CALENDAR, pieces, media_type)
            return
        output.write_in_turns(
            run_calendar.calendars_of_groups(
                self._told(),
                options,
                self._calendar_head,
                flat=self._definition.flat,
                deleted=self._deletions(),
            ),
            media_type,
        )

    def _outlook(self, output: Output) -> None:
        if (options := self._definition.outlook) is not False:
            pieces = run_calendar.outlook_csv(self._told(), options)
            output.write("outlook.csv", pieces, run_calendar.MEDIA_TYPES["outlook"])

    def _timeslot(self, output: Output) -> None:
        if (options := self._definition.timeslot) is not False:
            pieces = run_calendar.timeslot_json(self._told(), options)
            output.write("timeslot.json", pieces, run_calendar.MEDIA_TYPES["timeslot"])

    def _schedules(self, output: Output, word: str) -> None:
        options = self._definition.schedule_xml if word == "xml" else self._definition.schedule_json
        if options is False:
            return
        for convention in run_calendar.schedule_conventions(self._objects()):
            pieces = run_calendar.schedule_file(
                self._objects(), convention, word, options, self._calendar_head, generator_version=__version__
            )
            path = run_calendar.schedule_path(convention, word, flat=self._definition.flat)
            output.write(path, pieces, run_calendar.MEDIA_TYPES[f"schedule_{word}"])

    def _deleted(self, output: Output) -> None:
        pieces = manifest.deletions(self._deletions())
        output.write(manifest.DELETIONS, pieces, manifest.MEDIA_TYPES[manifest.DELETIONS])

    # Parts

    @property
    def _objects_path(self) -> Path:
        return self._folder.work / "objects"

    def _objects(self) -> Iterator[Exported]:
        return object_spool.read(self._objects_path)

    def _told(self, span: Span = ALL) -> Iterator[Exported]:
        """Objects to be written, with the progress that this is."""
        for block in object_spool.blocks(self._objects_path, span):
            self._handle.progress(
                Progress(
                    phase="write",
                    percent=40 + 40 * min(self._written, self._total) // max(self._total, 1),
                    objects_done=min(self._written, self._total),
                    objects_total=self._total,
                )
            )
            self._written += len(block)
            yield from block

    def _deletions(self) -> Iterator[Deletion]:
        return map(exported_record.deletion, read_records(self._folder.work / "deletions"))

    @property
    def _batch_size(self) -> int:
        size = self._definition.batch_size
        return self._settings.export_batch_size if size is None else size

    @cached_property
    def _batches(self) -> list[Span]:
        return object_spool.batches(self._objects_path, self._batch_size)

    def _packages(self) -> Iterator[tuple[str, Span]]:
        """What stands before the names of a package's files, and where its objects are."""
        for number, span in enumerate(self._batches, 1):
            if not self._batch_size:
                yield "", span
            elif self._definition.flat:
                yield f"{number:04d}-", span
            else:
                yield f"batch-{number:04d}/", span

    def _path_of(self, prefix: str, one: Exported, ending: str) -> str:
        return f"{prefix}{one.type}{'-' if self._definition.flat else '/'}{one.id}.{ending}"

    @cached_property
    def _renditions(self) -> Mapping[tuple[int, str], Rendition]:
        """What was made of the objects' media, by asset and name, if links are to tell of it."""
        rules = (self._definition.eas_fields or {}).values()
        if not any(link.type == "version" for rule in rules for link in rule.data):
            return {}
        ids = sorted({item.asset.id for one in self._objects() for item in one.media if item.asset is not None})
        found: dict[tuple[int, str], Rendition] = {}
        for start in range(0, len(ids), ASSETS):
            with self._handle.store.read() as transaction:
                for number, stored in assets.find_many(transaction, ids[start : start + ASSETS]).items():
                    for one in stored.versions:
                        found[number, one.name] = Rendition(
                            extension=one.extension,
                            size=one.size,
                            sha256=one.sha256,
                            width=one.width,
                            height=one.height,
                        )
        return found

    def _shape(self, path: str) -> Shape:
        """How objects are told in a file of that path, or in one of a package's folder."""
        paths = self._media_paths
        links = {field: rule.data for field, rule in (self._definition.eas_fields or {}).items() if rule.data}
        renditions = self._renditions
        media = Media(
            paths=lambda one: paths.get(one.id, {}),
            url=self._asset_url,
            rendition=lambda number, name: renditions.get((number, name)),
            links=links,
        )
        return Shape(
            instance_name=self._settings.instance_name,
            fields=self._definition.fields,
            media=media,
            folder=path.rpartition("/")[0],
        )

    def _asset_url(self, asset_id: int, version: str) -> str:
        return f"{self._base_url}/api/v1/eas/download/{asset_id}/{version}"

    @property
    def _head(self) -> objects_json.Head:
        return objects_json.Head(
            export_id=self._export.id,
            export_version=self._export.version,
            export_name=self._export.name,
            generated=self._started_at,
        )

    @property
    def _calendar_head(self) -> run_calendar.Head:
        return run_calendar.Head(
            name=self._export.name,
            server=self._base_url,
            now=self._started_at,
            owner_zone=self._owner_zone,
            asset_url=self._asset_url,
        )

    def _output(self, step: str) -> Output:
        return Output(
            self._folder,
            step,
            self._started_at,
            check=self._handle.check,
            limit=self._settings.max_export_bytes - sum(file.size for file in self._files()),
        )

    def _note(self, step: str, notes: Sequence[str]) -> None:
        text = "".join(f"{note}\n" for note in notes[:1000])
        (self._folder.work / f"{step}.notes").write_text(text[:NOTES], encoding="utf-8", errors="replace")

    def remark(self, note: str) -> None:
        """Add a line to the run's protocol."""
        self._note("remark", [note])

    def protocol(self) -> str:
        """What there is to know about the run, a line each; at most 64 KiB."""
        pages = sorted(self._folder.work.glob("*.notes"))
        return "".join(page.read_text(encoding="utf-8") for page in pages)[:NOTES]


def _remarks(name: str, counts: Mapping[str, int], *, skipped: int, is_empty: bool) -> Iterator[str]:
    """What there is to say of a format's files: what is not in them, and why there are none."""
    taken = _TAKEN.get(name, tuple(ObjectType))
    for kind in ObjectType:
        if (number := counts.get(kind, 0)) and kind not in taken:
            yield f"{name}: {kind} is not written ({number} found), since the format takes only {', '.join(taken)}"
    if skipped:
        yield f"{name}: {skipped} of timeslot skipped, since a schedule has no room for what is so long"
    if is_empty:
        yield f"{name}: there is no file, since nothing was found for it"


class _Links:
    """Linked objects in a file, of which only the places are held, and a few objects."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[int, int] = {}
        at = 0
        for record in read_records(path):
            self._places[exported_record.linked(record).object.id] = at
            at += 4 + len(record)
        self._read = lru_cache(maxsize=1000)(self._read_at)

    def find(self, _kind: ObjectType, number: int) -> Linked | None:
        """The object, if the owner of the export may read it."""
        place = self._places.get(number)
        return None if place is None else self._read(place)

    def _read_at(self, place: int) -> Linked:
        with self._path.open("rb") as stream:
            stream.seek(place)
            return exported_record.linked(stream.read(int.from_bytes(stream.read(4), "little")))
