"""What a client says of an export, strictly read: complete before anything is stored (docs/api/export-definition.md).

A new export begins with every default; a change is laid over what there was, each direct member of ``export`` for
itself. An attribute that this interface does not have is refused with its place, one that Slotport has nothing for is
taken with its neutral value only, and what the server says itself may be sent back.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct, structs

from slotport.core import export_input_formats as formats
from slotport.core import export_input_media as media
from slotport.core import when
from slotport.core.export import Definition, Export, ExportType, Schedule, Transport, default_name
from slotport.core.export_input_schedules import schedules
from slotport.core.export_input_transports import KINDS, transports
from slotport.core.file_names import check_template
from slotport.core.json_input import (
    LARGEST_ID,
    Reader,
    an_object,
    choice,
    flag,
    member,
    members,
    number,
    off,
    only,
    text,
)
from slotport.core.search_input import search
from slotport.errors import WireError, attribute_expected, attribute_not_accepted, invalid_value, type_mismatch

NAME_LENGTH = 255
LARGEST_BYTES = 256 * 1024  #: of a definition; a list holds a thousand
DEEPEST_MERGE = 9
_MAPPINGS = {"slotport": "slotport", "easydb": "slotport"}
_SAID_BY_SERVER = frozenset(
    "_state _log _files _downloads _date_updated _next_run _expires _progress _last_run _last_success".split()
)
_TOP = frozenset({"_basetype", "_date_created", "_schedules", "_transports", "export", *_SAID_BY_SERVER})


class Said(Struct, frozen=True, kw_only=True):
    """What an export is to be."""

    definition: Definition
    schedules: tuple[Schedule, ...]
    transports: tuple[Transport, ...]


def created(
    body: Any,
    *,
    most_schedules: int,
    new_uuid: Callable[[], str],
    seal: Callable[[str], str],
    types: Collection[str] = KINDS,
) -> Said:
    """A new export. ``seal`` encrypts secrets, ``types`` are those that transports may have. Raises WireError."""
    said = _top(body)
    if "export" not in said:
        raise attribute_expected("export")
    inner = an_object(said["export"], "export")
    definition_ = definition(inner, None)
    if inner.get("_id") is not None:
        raise invalid_value("export._id", "is given by the server: leave it out")
    if (version := inner.get("_version")) not in (None, 1):
        raise version_mismatch(version, 1, "A new export has version 1.")
    found = Said(
        definition=definition_,
        schedules=schedules(said.get("_schedules"), "_schedules", most=most_schedules),
        transports=transports(said.get("_transports"), "_transports", (), new_uuid=new_uuid, seal=seal, types=types),
    )
    require_name(found, "<new>")
    return found


def changed(
    body: Any,
    before: Export,
    *,
    most_schedules: int,
    new_uuid: Callable[[], str],
    seal: Callable[[str], str],
    types: Collection[str] = KINDS,
) -> Said:
    """The export as it is after the change; see ``created``. Raises WireError."""
    said = _top(body)
    inner = an_object(said.get("export", {}), "export")
    found = Said(
        definition=without_default_name(definition(inner, before.definition), before.id),
        schedules=(
            schedules(said["_schedules"], "_schedules", most=most_schedules)
            if "_schedules" in said
            else before.schedules
        ),
        transports=(
            transports(said["_transports"], "_transports", before.transports, new_uuid=new_uuid, seal=seal, types=types)
            if "_transports" in said
            else before.transports
        ),
    )
    _check_identity(said, inner, before)
    if not said.keys() & {"_schedules", "_transports"} and not inner.keys() & _SETTABLE.keys():
        raise attribute_expected("export")
    version = inner.get("_version")
    if version is not None and version != before.version + 1:
        raise version_mismatch(version, before.version + 1, f"Export {before.id} is at version {before.version}.")
    require_name(found, str(before.id))
    return found


def laid_over(
    body: Any,
    before: Export,
    *,
    most_schedules: int,
    new_uuid: Callable[[], str],
    types: Collection[str] = KINDS,
) -> Definition:
    """What a body, which may be empty or name any version, makes of the export's definition. Raises WireError."""
    said = _top(body)
    _ = schedules(said.get("_schedules"), "_schedules", most=most_schedules)
    given = said.get("_transports")
    _ = transports(given, "_transports", before.transports, new_uuid=new_uuid, seal=lambda _: "", types=types)
    inner = an_object(said.get("export", {}), "export")
    laid = without_default_name(definition(inner, before.definition), before.id)
    _check_identity(said, inner, before)
    return laid


def definition(value: Any, before: Definition | None) -> Definition:
    """The member ``export`` laid over what there was; its ``_id`` and ``_version`` are not compared.

    Raises WireError.
    """
    said = an_object(value, "export")
    found = members(said, "export", _READERS)
    defaults = Definition()
    resets = {name: getattr(defaults, name) for name, one in said.items() if one is None and name in _SETTABLE}
    laid = structs.replace(before or defaults, **resets, **found)
    if laid.filename_original and laid.filename_template is not None:
        raise invalid_value("export.filename_template", "does not go with filename_original")
    if len(msgspec.json.encode(laid)) > LARGEST_BYTES:
        raise invalid_value("export", f"is too large: it may take {LARGEST_BYTES} bytes")
    return laid


def without_default_name(said: Definition, export_id: int) -> Definition:
    """The definition, a name that the export would have without one taken for none."""
    if said.name is not None and said.name in {default_name(kind, export_id) for kind in ExportType}:
        return structs.replace(said, name=None)
    return said


def require_name(said: Said, shown_id: str) -> None:
    """Raise export_name_required if the export has a schedule and no name of its own."""
    if said.schedules and said.definition.name is None:
        raise WireError(
            "error.user.export_name_required",
            "An export with a schedule needs a name.",
            parameters={"id": shown_id},
        )


def version_mismatch(provided: int, expected: int, sentence: str) -> WireError:
    """The error of a change that was made to another version than the one there is."""
    parameters = {"provided": str(provided), "expected": str(expected)}
    return WireError("error.user.version_mismatch", sentence, parameters=parameters)


def _top(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise WireError("error.api.type_mismatch", "The body must be an object.")
    only(body, "", _TOP)
    if (basetype := body.get("_basetype")) is not None and text(basetype, "_basetype") != "export":
        raise invalid_value("_basetype", "must be export")
    return body


def _check_identity(said: Mapping[str, Any], inner: Mapping[str, Any], before: Export) -> None:
    """Raise invalid_value if the body is that of another export."""
    if (created_at := said.get("_date_created")) is not None:
        try:
            moment = when.instant(text(created_at, "_date_created"))
        except ValueError as cause:
            raise invalid_value("_date_created", f"cannot be used: {cause}") from cause
        if moment.replace(microsecond=0) != before.created_at.replace(microsecond=0):
            raise invalid_value("_date_created", "is that of another export")
    if inner.get("_id") is not None and inner["_id"] != before.id:
        raise invalid_value("export._id", "is that of another export")


def _name(value: Any, place: str) -> str:
    name = text(value, place).strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise invalid_value(place, f"must have 1 to {NAME_LENGTH} characters")
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in name):
        raise invalid_value(place, "must not hold control characters")
    return name


def _template(value: Any, place: str) -> str:
    template = text(value, place)
    check_template(template, place)
    return template


def _mapping(value: Any, place: str) -> str:
    if isinstance(value, bool | list | tuple | float):
        raise type_mismatch(place, "a text")
    if not isinstance(value, str) or value not in _MAPPINGS:
        raise invalid_value(place, f"must be one of {', '.join(_MAPPINGS)}")
    return _MAPPINGS[value]


def _export_type(value: Any, place: str) -> ExportType:
    return ExportType(choice(*ExportType)(value, place))


def _checked_only(read: Reader[Any]) -> Reader[Any]:
    def check(value: Any, place: str) -> Any:
        read(value, place)
        return UNSET

    return check


def _stylesheet(value: Any, place: str) -> Any:
    if isinstance(value, Mapping):
        only(value, place, {"_id"})
        if value.get("_id") is not None:
            raise attribute_not_accepted(member(place, "_id"))
        if "_id" in value:
            return UNSET
    raise attribute_not_accepted(place)


def _produce_options(value: Any, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise attribute_not_accepted(place)
    for name, one in value.items():
        if one is not None and one is not False:
            raise attribute_not_accepted(member(place, name))
    return UNSET


_SETTABLE: dict[str, Reader[Any]] = {
    "type": _export_type,
    "name": _name,
    "search": search,
    "fields": formats.fields,
    "eas_fields": media.eas_fields,
    "classes": media.classes,
    "assets": media.assets,
    "csv": formats.csv,
    "xml": flag,
    "json": flag,
    "xml_one_file_per_object": flag,
    "json_one_file_per_object": flag,
    "merge_linked_objects": choice("none", "not_in_main_search", "not_in_main_search_and_reverse", "all"),
    "merge_max_depth": number(1, DEEPEST_MERGE),
    "batch_size": number(0),
    "filename_original": flag,
    "filename_template": _template,
    "flat": flag,
    "mapping": _mapping,
    "ical": formats.ical,
    "outlook": formats.outlook,
    "timeslot": formats.timeslot,
    "schedule_xml": formats.schedule,
    "schedule_json": formats.schedule,
    "manifest": flag,
}
_READERS: dict[str, Reader[Any]] = {
    **_SETTABLE,
    "_id": _checked_only(number(1, LARGEST_ID)),
    "_version": _checked_only(number(-LARGEST_ID, LARGEST_ID)),
    "all_languages": off,
    "xslt_xml_post_processing": _stylesheet,
    "produce_options": _produce_options,
}
