"""The form of an export: what was typed becomes the body of the export interface, and an export becomes a form.

What the form has no field for stays as it is: a body names only what the form shows.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from slotport.api.page import export_search
from slotport.api.page.export_search import Builder, Condition
from slotport.core.export import Definition, Export, Recipient, Schedule, Transport
from slotport.errors import WireError, invalid_value

FORMATS = ("ical", "outlook", "timeslot", "csv", "xml", "json", "schedule_xml", "schedule_json", "manifest")
FLAGS = ("xml_one_file_per_object", "json_one_file_per_object", "flat", "filename_original")
MEDIA = ("slot.media", "group.image")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SERVER = ("server", "login", "password", "directory")
_SFTP = ("server", "login", "host_key", "password", "private_key", "passphrase", "directory")
RSYNC = ("port", "bwlimit", "archive", "checksum", "compress", "delete", "exclude")  #: below ``options``
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "download": (),
    "email": (),
    "ftp": _SERVER,
    "ftps": (*_SERVER, "implicit_tls"),
    "sftp": _SFTP,
    "webdav": _SERVER,
    "s3": ("bucket", "access_key", "secret_key", "region", "endpoint", "prefix"),
    "rsync": ("destination", "password", "host_key", "private_key", "passphrase", *RSYNC),
}
SECRETS = frozenset({"password", "private_key", "passphrase", "secret_key"})
SWITCHES = frozenset({"implicit_tls", "archive", "checksum", "compress", "delete"})
PACKERS = ("zip", "zip_10mb", "zip_2gb", "tar.gz", "tar_bz2", "folder")
_NUMBERS = frozenset({"port", "bwlimit"})
_RECIPIENT = re.compile(r"(user|group) ([0-9]{1,18})")
_PLACE = re.compile(r"(_schedules|_transports|export\.search\.search)\[(\d+)\](.*)")
_NAMES = {"days_of_month": "days"}

Row = dict[str, Any]


class ExportForm(Struct, kw_only=True):
    """Everything that is typed; rows by a key of their own."""

    do: str = "save"
    name: str = ""
    type: str = "export"
    objecttypes: list[str] = []
    mode: str = "all"
    conditions: dict[str, Condition] = {}
    sort: str = ""
    order: str = "ASC"
    expert: str = ""
    search: str = ""
    formats: list[str] = []
    flags: list[str] = []
    media: list[str] = []
    csv_delimiter: str = ","
    csv_use_bom: str = ""
    ical_timezone: str = ""
    ical_one_file_per_group: str = ""
    outlook_timezone: str = ""
    timeslot_extended: str = ""
    filename_template: str = ""
    columns: list[str] = []
    schedules: dict[str, Row] = {}
    transports: dict[str, Row] = {}
    new_type: str = "download"
    version: int | None = None

    def __post_init__(self) -> None:
        """Refuse more rows than there can be."""
        if len(self.conditions) > export_search.MOST_CONDITIONS:
            raise ValueError("there are too many conditions")

    @property
    def builder(self) -> Builder:
        """The search as the fields say it."""
        return Builder(
            objecttypes=self.objecttypes,
            mode=self.mode,
            conditions=list(self.conditions.values()),
            sort=self.sort,
            order=self.order,
        )


def new_form(name: str = "") -> ExportForm:
    """The form of an export that is of use as it is."""
    download = {"type": "download", "packer": "zip"}
    return ExportForm(
        name=name, objecttypes=["slot"], formats=["ical", "json"], search="{}", transports={"0": download}
    )


def form_of(export: Export) -> ExportForm:
    """The form of a stored export; no secret is in it."""
    said = export.definition
    builder = export_search.shown(said.search)
    source = search_text(said)
    rows = Builder() if builder is None else builder
    options: Row = {}
    for format_, name in (("ical", "timezone"), ("ical", "one_file_per_group"), ("outlook", "timezone")):
        options[f"{format_}_{name}"] = _text(getattr(getattr(said, format_), name, None))
    return ExportForm(
        name=said.name or "",
        type=said.type,
        objecttypes=rows.objecttypes,
        mode=rows.mode,
        conditions={str(place): one for place, one in enumerate(rows.conditions)},
        sort=rows.sort,
        order=rows.order,
        expert="true" if builder is None else "",
        search=source,
        formats=[name for name in FORMATS if getattr(said, name) is not False],
        flags=[name for name in FLAGS if getattr(said, name)],
        media=[name for name in MEDIA if (rule := (said.eas_fields or {}).get(name)) and rule.files],
        csv_delimiter=said.csv.delimiter if said.csv is not False else ",",
        csv_use_bom=_text(said.csv.use_bom if said.csv is not False else None),
        timeslot_extended=_text(said.timeslot.extended if said.timeslot is not False else None),
        filename_template=said.filename_template or "",
        columns=list(said.fields or ()),
        schedules={str(place): _schedule_row(one) for place, one in enumerate(export.schedules)},
        transports={str(place): _transport_row(one) for place, one in enumerate(export.transports)},
        version=export.version,
        **options,
    )


def search_text(said: Definition) -> str:
    """The stored search as JSON, without what is as it is by itself."""
    return export_search.text_of(_sparse(json.loads(_encoded(said.search))))


def search_of(form: ExportForm) -> Any:
    """The search that the form says. Raises WireError."""
    if not form.expert:
        return export_search.built(form.builder)
    try:
        return json.loads(form.search or "{}")
    except (ValueError, RecursionError) as cause:
        raise invalid_value("export.search", f"is not JSON: {cause}") from cause


def body_of_form(form: ExportForm, before: Export | None) -> dict[str, Any]:
    """The body that makes or changes the export. Raises WireError."""
    said = before.definition if before is not None else Definition()
    export: dict[str, Any] = {
        "name": form.name.strip() or None,
        "type": form.type,
        "search": search_of(form),
        "eas_fields": _media(form, said),
        "fields": _columns(form, said),
        "filename_template": form.filename_template or None,
        **{name: _format(form, said, name) for name in FORMATS},
        **{name: name in form.flags for name in FLAGS},
    }
    if before is not None and form.version is not None:
        export["_version"] = form.version + 1
    return {
        "export": export,
        "_schedules": schedules_of(form),
        "_transports": [transport_body(row) for row in form.transports.values()],
    }


def schedules_of(form: ExportForm) -> list[dict[str, Any]]:
    """The schedules as ``_schedules`` has them, unchecked."""
    return [_schedule_body(row) for row in form.schedules.values()]


def transport_body(row: Row) -> dict[str, Any]:
    """A transport as ``_transports`` has it, unchecked. A secret that was not typed is left out, and so kept."""
    kind = _text(row.get("type"))
    options: Row = {}
    inner: Row = {}
    for name in options_of(row):
        value = _text(row.get(name))
        target = inner if kind == "rsync" and name in RSYNC else options
        if name in SWITCHES:
            target[name] = bool(value)
        elif name == "exclude":
            target[name] = value.splitlines()
        elif value.strip():
            is_number = name in _NUMBERS and value.strip().isdecimal() and len(value) < 12
            target[name] = int(value) if is_number else value
        elif name in SECRETS and row.get(f"forget_{name}"):
            target[name] = None
    if inner:
        options["options"] = inner
    recipients = [_recipient(line.strip()) for line in _text(row.get("recipients")).splitlines() if line.strip()]
    mail = {"recipients": recipients, "message": _text(row.get("message")) or None} if recipients else None
    body: Row = {"type": kind, "packer": _text(row.get("packer")) or None, "options": options, "email": mail}
    if uuid := _text(row.get("uuid")):
        body["uuid"] = uuid
    return body


def options_of(row: Row) -> tuple[str, ...]:
    """The options that a row has fields for: those of what its server speaks."""
    kind, server = _text(row.get("type")), _text(row.get("server")).lower()
    if kind == "ftp":
        kind = next((one for one in ("ftps", "sftp") if server.startswith(f"{one}://")), kind)
    return OPTIONS.get(kind, ())


def placed(error: WireError, form: ExportForm) -> dict[str, list[str]]:
    """What is wrong, by the field that shows it; nothing if there is no such field."""
    attribute = error.parameters.get("attribute", "")
    said = str(error).removeprefix(attribute).strip().rstrip(".") if attribute else str(error).rstrip(".")
    if error.code == "error.user.export_name_required":
        return {"name": [said]}
    if error.code == "error.user.transport_target_not_allowed":
        target = error.parameters.get("target", "")
        for key, row in form.transports.items():
            for name in ("server", "endpoint", "destination"):
                if target and target in _text(row.get(name)).lower():
                    return {f"transports[{key}][{name}]": [said]}
        return {}
    return {name: [said]} if (name := _field(attribute, form)) else {}


def next_key(rows: Mapping[str, Any]) -> str:
    """The key of a further row."""
    return str(max((int(key) for key in rows if key.isdecimal() and len(key) < 9), default=-1) + 1)


# Parts


def _field(attribute: str, form: ExportForm) -> str:
    if match := _PLACE.match(attribute):
        part, number, rest = match[1], int(match[2]), match[3]
        searched = {} if form.expert else form.conditions
        tables: dict[str, Mapping[str, Any]] = {"_schedules": form.schedules, "_transports": form.transports}
        rows = tables.get(part, searched)
        names = re.findall(r"\.(\w+)", rest)
        if number >= len(rows):
            return "search"
        key = list(rows)[number]
        if part == "export.search.search":
            name = "operator" if names[:1] == ["operator"] else "until" if names[-1:] == ["to"] else "value"
            if name == "until" and form.conditions[key].operator == "until":
                name = "value"
            return f"conditions[{key}][{name}]"
        if part == "_transports":
            name = "recipients" if "recipients" in names else names[-1] if names else "type"
            return f"transports[{key}][{name}]"
        return f"schedules[{key}][{_NAMES.get(names[0], names[0]) if names else 'weekdays'}]"
    if attribute.startswith("export.search"):
        return "search"
    name = attribute.removeprefix("export.").replace(".", "_")
    return name if name in ExportForm.__struct_fields__ else ""


def _format(form: ExportForm, said: Definition, name: str) -> Any:
    if name not in form.formats:
        return False
    stored = getattr(said, name)
    options: Row = {} if isinstance(stored, bool) else _sparse(json.loads(_encoded(stored)))
    match name:
        case "csv":
            options |= {"delimiter": form.csv_delimiter, "use_bom": bool(form.csv_use_bom)}
        case "ical":
            options |= {
                "timezone": form.ical_timezone or None,
                "one_file_per_group": bool(form.ical_one_file_per_group),
            }
        case "outlook":
            options["timezone"] = form.outlook_timezone or None
        case "timeslot":
            options["extended"] = bool(form.timeslot_extended)
    return options or True


def _media(form: ExportForm, said: Definition) -> Row | None:
    found: Row = {name: json.loads(_encoded(rule)) for name, rule in (said.eas_fields or {}).items()}
    for name in MEDIA:
        if name in form.media or name in found:
            found.setdefault(name, {})["files"] = name in form.media
    return {name: rule for name, rule in found.items() if rule.get("files") or rule.get("data")} or None


def _columns(form: ExportForm, said: Definition) -> Row | None:
    names = {name: one.display_name for name, one in (said.fields or {}).items()}
    return {name: {"display_name": names.get(name)} for name in form.columns} or None


def _schedule_row(one: Schedule) -> Row:
    return {
        "weekdays": dict.fromkeys(one.weekdays or (), "on"),
        "days": ", ".join(map(str, one.days_of_month or ())),
        "hours": ", ".join(map(str, one.hours or ())),
        "minutes": ", ".join(map(str, one.minutes or ())),
        "timezone": one.timezone or "",
        "missed": one.missed,
    }


def _schedule_body(row: Row) -> Row:
    chosen = row.get("weekdays")
    weekdays = [day for day in WEEKDAYS if day in chosen] if isinstance(chosen, dict) else []
    said: Row = {
        "weekdays": weekdays,
        "days_of_month": _numbers(row.get("days")),
        "hours": _numbers(row.get("hours")),
        "minutes": _numbers(row.get("minutes")),
        "timezone": _text(row.get("timezone")).strip(),
        "missed": _text(row.get("missed")),
    }
    return {name: part for name, part in said.items() if part}


def _numbers(value: Any) -> list[Any]:
    """Numbers between commas or blanks; what is none is for the reader to refuse."""
    words = re.split(r"[\s,;]+", _text(value).strip())[:100]
    return [int(word) if word.isascii() and word.isdecimal() and len(word) < 5 else word for word in words if word]


def _transport_row(one: Transport) -> Row:
    row: Row = {
        "type": one.type,
        "uuid": one.uuid,
        "packer": one.packer or "",
        "kept": dict.fromkeys(sorted(one.secrets), "on"),
    }
    options = {**one.options, **one.options.get("options", {})}
    for name, value in options.items():
        row[name] = "\n".join(value) if isinstance(value, list | tuple) else _text(value)
    if one.email is not None:
        row["recipients"] = "\n".join(_line(recipient) for recipient in one.email.recipients)
        row["message"] = one.email.message or ""
    return row


def _line(one: Recipient) -> str:
    if one.email is not None:
        return one.email
    return f"group {one.group_id}" if one.group_id is not None else f"user {one.user_id}"


def _recipient(line: str) -> Row:
    if match := _RECIPIENT.fullmatch(line):
        return {"_basetype": match[1], match[1]: {"_id": int(match[2])}}
    return {"_basetype": "user", "user": {"type": "email", "login": line}}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value) if isinstance(value, str | int | float) else ""


def _encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)


def _sparse(value: Any) -> Any:
    """A JSON value without members that are null or empty."""
    if isinstance(value, dict):
        return {name: _sparse(one) for name, one in value.items() if one is not None and one != []}
    return [_sparse(one) for one in value] if isinstance(value, list) else value
