"""Export: what a person wants taken out, when and where to; its states and runs (docs/api/export.md).

An **export** is a definition, a **run** one execution of it, the **result** the files of its last successful run.
The names of ``Definition``, ``Schedule`` and ``Transport`` are the wire's, their values checked and complete.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct, field

from slotport.core.search import Search


class State(StrEnum):
    """What an export is doing."""

    NEW = "new"
    PENDING = "pending"
    PROCESSING = "processing"
    FAILED = "failed"
    DONE = "done"
    EXPIRED = "expired"


RUNNING = frozenset({State.PENDING, State.PROCESSING})


class ExportType(StrEnum):
    """How an export chooses."""

    EXPORT = "export"
    INCREMENTAL = "export_incremental"
    DOWNLOAD = "download"


class AssetClass(StrEnum):
    """What kind of file an asset is."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    OFFICE = "office"
    OTHER = "other"


class AssetLink(Struct, frozen=True, kw_only=True):
    """What data files say about a version of a media file (``eas_fields.<f>.data[]``)."""

    type: Literal["original", "current", "version"]
    format: Literal["long", "short"] = "short"
    version: str | None = None  #: ``<class>.<name>``


class AssetField(Struct, frozen=True, kw_only=True):
    """What happens to the media of a field."""

    files: bool = False
    data: tuple[AssetLink, ...] = ()


class Crop(Struct, frozen=True, kw_only=True):
    """A rectangle of an image, in pixels."""

    top: int
    left: int
    width: int
    height: int


class CustomImage(Struct, frozen=True, kw_only=True):
    """How an image is made over."""

    format: Literal["keep", "jpeg", "tiff", "png", "bmp"] = "keep"
    jpeg_quality: Literal["maximum", "medium", "small"] = "maximum"
    colorspace: Literal["keep", "rgb", "cmyk", "gray"] = "keep"
    size: Literal["keep", "custom"] = "keep"
    custom_size: Literal["dimension_max", "dimension_min", "width", "height"] = "dimension_max"
    custom_size_pixel: int | None = None
    #: one-key objects in the order they apply: ``rotate-z`` 90, 180, 270 (clockwise), ``rotate-x`` and ``rotate-y``
    #: 180, ``crop``
    transform: tuple[dict[str, int | Crop], ...] = ()


class VersionRule(Struct, frozen=True, kw_only=True):
    """One version of a media file that is written."""

    type: Literal["original", "current", "version", "custom"]
    version: str | None = None  #: name of a rendition; only of type version
    metadata: Literal["standard", "keep", "remove"] = "standard"
    custom: CustomImage | None = None  #: only of type custom


class AssetRule(Struct, frozen=True, kw_only=True):
    """What holds for one asset; ``versions`` None: the rule of its class."""

    versions: tuple[VersionRule, ...] | None = None
    json: bool | None = None


class CsvOptions(Struct, frozen=True, kw_only=True):
    """How csv is written."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    use_bom: bool = False
    empty_columns: bool = False
    hierarchy: Literal["column", "/", ">"] | None = None
    formula_guard: bool = True


class IcalOptions(Struct, frozen=True, kw_only=True):
    """How calendar.ics is written."""

    dialect: Literal["rfc5545", "google"] = "rfc5545"
    one_file_per_group: bool = False
    timezone: str | None = None
    alarms: bool = True
    attach: Literal["none", "uri"] = "none"


class OutlookOptions(Struct, frozen=True, kw_only=True):
    """How outlook.csv is written."""

    timezone: str | None = None


class TimeslotOptions(Struct, frozen=True, kw_only=True):
    """How timeslot.json is written."""

    extended: bool = False


class ScheduleOptions(Struct, frozen=True, kw_only=True):
    """How schedule files are written."""

    day_start: str = "04:00"


class DisplayName(Struct, frozen=True, kw_only=True):
    """What a field is called in csv and xml; None: by its own name."""

    display_name: str | None = None


class Definition(Struct, frozen=True, kw_only=True):
    """The member ``export`` of an export, without ``_id`` and ``_version``; every default filled in."""

    type: ExportType = ExportType.EXPORT
    name: str | None = None  #: None: none was given
    search: Search = Search()
    fields: dict[str, DisplayName] | None = None
    eas_fields: dict[str, AssetField] | None = None
    classes: dict[AssetClass, tuple[VersionRule, ...]] | None = None
    assets: dict[str, bool | AssetRule] | None = None  #: by asset id
    csv: Literal[False] | CsvOptions = False
    xml: bool = False
    json: bool = False
    xml_one_file_per_object: bool = False
    json_one_file_per_object: bool = False
    merge_linked_objects: Literal["none", "not_in_main_search", "not_in_main_search_and_reverse", "all"] = "none"
    merge_max_depth: int = 1
    batch_size: int | None = None  #: None: the instance's setting
    filename_original: bool = False
    filename_template: str | None = None
    flat: bool = False
    mapping: Literal["slotport"] = "slotport"
    ical: Literal[False] | IcalOptions = False
    outlook: Literal[False] | OutlookOptions = False
    timeslot: Literal[False] | TimeslotOptions = False
    schedule_xml: Literal[False] | ScheduleOptions = False
    schedule_json: Literal[False] | ScheduleOptions = False
    manifest: bool = False


class Schedule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When an export runs by itself: all given parts must hold together. Arrays are sorted, without repetition."""

    weekdays: tuple[str, ...] | None = None  #: English, lower case, Monday first; None: every weekday
    days_of_month: tuple[int, ...] | None = None
    hours: tuple[int, ...] | None = None  #: None: the standard hour
    minutes: tuple[int, ...] | None = None  #: None: the standard minute
    timezone: str | None = None  #: IANA name; None: the owner's, else the instance's
    missed: Literal["once", "skip", "all"] = "once"


class TransportState(StrEnum):
    """What a transport is doing."""

    NEW = "new"
    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"


class Recipient(Struct, frozen=True, kw_only=True):
    """Who gets a mail: an account, the members of a group, or an address."""

    user_id: int | None = None
    group_id: int | None = None
    email: str | None = None


class Mail(Struct, frozen=True, kw_only=True):
    """The attribute ``email`` of a transport."""

    recipients: tuple[Recipient, ...]
    message: str | None = None


class LogLine(Struct, frozen=True, kw_only=True):
    """One line of a transport's log."""

    timestamp: datetime
    level: Literal["info", "warning", "error"]
    message: str


class Receipt(Struct, frozen=True, kw_only=True):
    """What was read back from where files were delivered."""

    files: int
    bytes: int
    finished: datetime
    verified: Literal["hash", "size", "none"]


#: types of transports whose archives are fetched with the passkey
LINKED = frozenset({"download", "email"})


class Transport(Struct, frozen=True, kw_only=True):
    """Where a result goes, and how that went. ``id`` 0: not stored yet."""

    id: int = 0
    uuid: str
    type: str
    packer: str | None = None
    email: Mail | None = None
    options: dict[str, Any] = field(default_factory=dict)  #: without secrets
    secrets: dict[str, str] = field(default_factory=dict)  #: by option, encrypted (actions/sealing.py)
    state: TransportState = TransportState.NEW
    log: tuple[LogLine, ...] = ()  #: the newest 200, oldest first
    attempts: int = 0
    next_attempt: datetime | None = None
    receipt: Receipt | None = None

    @property
    def packing(self) -> str:
        """The packer, the default of the type applied."""
        return self.packer or ("zip" if self.type in LINKED else "folder")


class File(Struct, frozen=True, kw_only=True):
    """A file of a result; ``path`` is relative, ``/``-separated and NFC."""

    path: str
    size: int
    sha256: str
    media_type: str
    modified: datetime
    eas_id: int | None = None  #: of media, as the next two
    eas_version: str | None = None
    eas_fileclass: AssetClass | None = None
    objects: tuple[int, ...] = ()  #: ids of the objects that a media file, or a file of one object, belongs to


class Archive(Struct, frozen=True, kw_only=True):
    """A packed result: ``part`` counts from 1 where the packer splits."""

    packer: str
    part: int | None
    file_name: str
    size: int
    sha256: str
    media_type: str
    unpacked_size: int | None = None  #: of the tar inside
    unpacked_sha256: str | None = None


class Outcome(StrEnum):
    """How a run ended, or that it has not yet."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    PURGED = "purged"


class Trigger(StrEnum):
    """Who started a run."""

    MANUAL = "manual"
    SCHEDULE = "schedule"


class Progress(Struct, frozen=True, kw_only=True):
    """How far a run is; ``percent`` never falls."""

    phase: Literal["search", "collect", "write", "pack", "transport"] = "search"
    percent: int = 0
    objects_done: int = 0
    objects_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0


class Run(Struct, frozen=True, kw_only=True):
    """One execution of an export."""

    id: str  #: UUID; also names the staging and the result folder
    export_id: int
    number: int  #: 1 for the export's first run
    trigger: Trigger
    outcome: Outcome = Outcome.RUNNING
    queued_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    objects: int = 0
    deletions: int = 0
    skipped: int = 0
    warnings: int = 0
    files: int = 0
    bytes: int = 0
    is_full: bool = False  #: an incremental export ignores its baseline
    progress: Progress = Progress()


class Export(Struct, frozen=True, kw_only=True):
    """An export as stored."""

    id: int
    owner_id: int
    version: int
    state: State
    definition: Definition
    schedules: tuple[Schedule, ...] = ()
    transports: tuple[Transport, ...] = ()
    passkey: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None  #: when the result will be removed
    next_run_at: datetime | None = None
    run: Run | None = None  #: the newest
    result: Run | None = None  #: the newest successful one whose files still exist
    result_is_current: bool = False

    @property
    def name(self) -> str:
        """The name, or the default one."""
        return self.definition.name or default_name(self.definition.type, self.id)

    @property
    def is_running(self) -> bool:
        """Whether a run or a delivery is under way."""
        return self.state in RUNNING or any(one.state is TransportState.PROCESSING for one in self.transports)


def default_name(kind: ExportType, export_id: int) -> str:
    """What an export without a name is called."""
    return f"slotport-{kind}-{export_id}"


class LoggedEvent(Struct, frozen=True, kw_only=True):
    """Something that happened to an export (docs/api/export-events.md)."""

    id: int
    type: str  #: EXPORT_START and so on
    export_id: int
    export_version: int
    timestamp: datetime
    info: Mapping[str, Any]
    session_hash: bytes | None = None  #: of the session that caused it
