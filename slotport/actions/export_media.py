"""The media files of a run: which versions of which files are written, under which names, and their writing.

See docs/api/export-definition.md (media) and docs/formats/objects.md (the tree). What cannot be written fails no run:
it is skipped, with a sentence for the protocol.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from slotport.actions import assets
from slotport.core.export import AssetClass, AssetRule, CustomImage, Definition, File, VersionRule
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Asset, Exported, MediaItem
from slotport.core.file_names import VARIABLES, Names, clean_name, filled, template_variables
from slotport.core.object_ids import global_id
from slotport.depot import Depot
from slotport.images import KINDS, ImageFailed, Images

FieldTexts = Callable[[Exported], Mapping[str, str]]

_COPIED_BYTES = 1024 * 1024
_MEDIA_FIELD = {ObjectType.SLOT: "slot.media", ObjectType.GROUP: "group.image"}
_ORIGINAL = (VersionRule(type="original"),)
_KINDS_OF_OBJECTS = "|".join(ObjectType)
#: what data files of a flat export are called, by whatever prefix; no media file is, and none with `` (2)`` can be
_DATA_NAMES = re.compile(
    rf"([0-9]{{4,}}-)?(({_KINDS_OF_OBJECTS})(-[0-9]+)?\.(csv|xml|json)|objects\.(xml|json)|schedule-[\w.-]*\.(xml|json)"
    r"|calendar(-[0-9a-f-]*)?\.ics|outlook\.csv|(timeslot|deletions|manifest)\.json|sha256sums(\.\w*)?)",
    re.IGNORECASE,
)


class PlannedFile(Struct, frozen=True, kw_only=True):
    """A version of a media file that is to be written."""

    path: str  #: below the result, as in ``File``
    field: str  #: slot.media or group.image
    object_type: ObjectType
    object_id: int
    asset: Asset
    version: str  #: original, current, custom, or the name of a rendition
    how: Literal["copy", "without_metadata", "render"]
    rendition: str | None = None  #: is copied in place of the file itself
    custom: CustomImage | None = None
    remove_metadata: bool = False
    extension: str
    media_type: str


class Planned(Struct, frozen=True, kw_only=True):
    """What becomes of an object's media."""

    files: tuple[PlannedFile, ...] = ()  #: in the order of the object's media, then of the rule
    warnings: tuple[str, ...] = ()  #: one for each that is skipped


class Skipped(Struct, frozen=True, kw_only=True):
    """A planned file that could not be written."""

    path: str
    warning: str


class MediaPlan:
    """Plans the media of a run's objects, one after the other in the order of the run; the same again every time.

    ``depot`` is where uploaded files lie, ``remove_metadata`` what ``standard`` means, ``field_texts`` gives an
    object's fields as texts by name, and is called if the template names any.
    """

    def __init__(
        self,
        definition: Definition,
        *,
        export_name: str,
        instance_name: str,
        depot: Depot,
        remove_metadata: bool,
        field_texts: FieldTexts,
    ) -> None:
        self._definition = definition
        self._depot = depot
        self._remove_metadata = remove_metadata
        self._instance_name = instance_name
        self._field_texts = field_texts
        self._common = {
            "_export.name": export_name,
            "_system.easydb.name": instance_name,
            "_system.slotport.name": instance_name,
        }
        template = definition.filename_template
        self._names_fields = template is not None and not set(template_variables(template)) <= VARIABLES
        self._flat_names = Names()

    def plan(self, exported: Exported, *, batch: int | None = None) -> Planned:
        """What is written of the object's media; ``batch`` is its package, from 1, None without packages."""
        field = _MEDIA_FIELD.get(exported.type)
        chosen = (self._definition.eas_fields or {}).get(field or "")
        if field is None or chosen is None or not chosen.files or not exported.media:
            return Planned()
        names = self._flat_names if self._definition.flat else Names()
        folder = self._folder(exported, batch)
        found: list[PlannedFile] = []
        warnings: list[str] = []
        known: set[int] = set()
        for item in exported.media:
            if item.asset is None:
                warnings.append(_outside(exported, item))
            elif item.asset.id not in known:
                known.add(item.asset.id)
                found += [
                    self._file(exported, field, item.asset, rule, names, folder) for rule in self._rules(item.asset)
                ]
        return Planned(files=tuple(found), warnings=tuple(warnings))

    def _folder(self, exported: Exported, batch: int | None) -> str:
        """What stands before a file's name."""
        if self._definition.flat:
            return "" if batch is None else f"{batch:04d}-"
        inner = f"media/{exported.type}-{exported.id}/"
        return inner if batch is None else f"batch-{batch:04d}/{inner}"

    def _rules(self, asset: Asset) -> Iterator[VersionRule]:
        """The versions that are written of the asset, each once: ``current`` is the original."""
        own = (self._definition.assets or {}).get(str(asset.id), True)
        if own is False:
            return
        rules = own.versions if isinstance(own, AssetRule) else None
        if rules is None:
            rules = (self._definition.classes or {}).get(asset.asset_class, _ORIGINAL)
        seen: list[object] = []
        for rule in rules:
            kind = "original" if rule.type == "current" else rule.type
            what = (kind, rule.version, rule.custom, self._without_metadata(asset, rule))
            if what not in seen:  # a transformation is no key of a dict
                seen.append(what)
                yield rule

    def _without_metadata(self, asset: Asset, rule: VersionRule) -> bool:
        if asset.asset_class is not AssetClass.IMAGE or rule.type == "version":
            return False  # a rendition has none
        return self._remove_metadata if rule.metadata == "standard" else rule.metadata == "remove"

    def _file(
        self, exported: Exported, field: str, asset: Asset, rule: VersionRule, names: Names, folder: str
    ) -> PlannedFile:
        version = rule.version or rule.type
        extension, media_type = _kind(asset, rule, self._depot)
        bare = self._without_metadata(asset, rule)
        base = (folder if self._definition.flat else "") + self._base(exported, asset, version, extension)
        name = names.take(base, extension)
        if self._definition.flat and _DATA_NAMES.fullmatch(name):
            name = names.take(base, extension)
        return PlannedFile(
            path=name if self._definition.flat else folder + name,
            field=field,
            object_type=exported.type,
            object_id=exported.id,
            asset=asset,
            version=version,
            how="render" if rule.type == "custom" else "without_metadata" if bare else "copy",
            rendition=rule.version,
            custom=rule.custom,
            remove_metadata=bare,
            extension=extension,
            media_type=media_type,
        )

    def _base(self, exported: Exported, asset: Asset, version: str, extension: str) -> str:
        fallback = f"{exported.id}-{asset.id}-{version}"
        if self._definition.filename_original:
            return clean_name(_stem(asset), fallback=fallback)
        template = self._definition.filename_template
        if template is None:
            return fallback
        return clean_name(filled(template, self._values(exported, asset, version, extension)), fallback=fallback)

    def _values(self, exported: Exported, asset: Asset, version: str, extension: str) -> dict[str, str]:
        fields = self._field_texts(exported) if self._names_fields else {}
        width, height = asset.width or 0, asset.height or 0
        return {
            **fields,
            **self._common,
            "_asset.id": str(asset.id),
            "_asset.class": asset.asset_class.value,
            "_asset.extension": extension,
            "_asset.original_filename": _stem(asset),
            "_asset.version": version,
            "_asset.technical_metadata.width": str(width or ""),
            "_asset.technical_metadata.height": str(height or ""),
            "_asset.technical_metadata.max_dimension": str(max(width, height) or ""),
            "_global_object_id": global_id(exported.id, self._instance_name),
            "_system_object_id": str(exported.id),
        }


def wants_json(definition: Definition, exported: Exported) -> bool:
    """Whether the object is written as json: rules of its assets outweigh the export's own word, true among them."""
    rules = definition.assets or {}
    owned = [rules.get(str(item.asset.id)) for item in exported.media if item.asset is not None]
    said = [rule.json for rule in owned if isinstance(rule, AssetRule) and rule.json is not None]
    return any(said) if said else definition.json


def _stem(asset: Asset) -> str:
    stem, dot, _ = asset.original_filename.rpartition(".")
    return stem if dot else asset.original_filename


def _kind(asset: Asset, rule: VersionRule, depot: Depot) -> tuple[str, str]:
    """Extension and media type of what the rule makes of the asset."""
    if rule.custom is not None and rule.custom.format != "keep":
        return KINDS[rule.custom.format]
    if rule.version is not None:
        place = assets.rendition_of(depot, asset, rule.version)
        return KINDS["png" if place is not None and place.suffix == ".png" else "jpeg"]
    return asset.extension, asset.media_type


def _outside(exported: Exported, item: MediaItem) -> str:
    shown = "".join(sign if sign.isprintable() else "?" for sign in item.public_id[:80])
    return f"{exported.type} {exported.id}: the media {shown} is no uploaded file of its owner; only its id is exported"


# Writing


def write(
    planned: Iterable[PlannedFile],
    target: Path,
    *,
    depot: Depot,
    images: Images,
    modified: datetime,
    check: Callable[[], None],
) -> Iterator[File | Skipped]:
    """Write the files below the folder ``target``, and give in their order what each became.

    What stands there already is written anew. ``depot`` is where uploaded files lie, ``modified`` the time that the
    files get in lists; ``check`` is called often, and what it raises ends the work. Raises OSError if ``target``
    cannot be written to.
    """
    for one in planned:
        check()
        place = target / one.path
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            size, digest = _written(one, place, depot, images, check)
        except (_Unreadable, ImageFailed) as error:
            with suppress(FileNotFoundError):
                place.unlink()
            yield Skipped(path=one.path, warning=_sentence(one, error))
            continue
        yield File(
            path=one.path,
            size=size,
            sha256=digest,
            media_type=one.media_type,
            modified=modified,
            eas_id=one.asset.id,
            eas_version=one.version,
            eas_fileclass=one.asset.asset_class,
            objects=(one.object_id,),
        )


class _Unreadable(Exception):
    """The bytes of a file are not there, or not those that were uploaded."""


def _written(one: PlannedFile, place: Path, depot: Depot, images: Images, check: Callable[[], None]) -> tuple[int, str]:
    """Write the file; its size and digest."""
    if one.rendition is not None:
        source = assets.rendition_of(depot, one.asset, one.rendition)
        if source is None:
            raise _Unreadable(f"it has no version {one.rendition}")
        return _copied(depot, source, place, check)
    source = assets.place_of(depot.root, one.asset)
    place.unlink(missing_ok=True)  # as run_folder.anew says
    if one.how == "copy":
        size, digest = _copied(depot, source, place, check)
        if (size, digest) != (one.asset.size, one.asset.sha256):
            raise _Unreadable("its bytes are not those that were uploaded")
        return size, digest
    try:
        depot.present(source)
    except FileNotFoundError:
        raise _Unreadable("its bytes are gone") from None
    if one.how == "without_metadata":
        images.without_metadata(source, place, check=check)
    else:
        images.render(source, place, one.custom or CustomImage(), remove_metadata=one.remove_metadata, check=check)
    return _digested(place)


def _copied(depot: Depot, source: Path, place: Path, check: Callable[[], None]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    try:
        stream = depot.open(source)
    except OSError as cause:
        raise _Unreadable("its bytes are gone") from cause
    with stream, place.open("wb") as out:
        while True:
            try:
                piece = stream.read(_COPIED_BYTES)
            except OSError as cause:
                raise _Unreadable("its bytes cannot be read") from cause
            if not piece:
                return size, digest.hexdigest()
            check()
            out.write(piece)
            digest.update(piece)
            size += len(piece)


def _digested(place: Path) -> tuple[int, str]:
    with place.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return stream.tell(), digest.hexdigest()


def _sentence(one: PlannedFile, error: Exception) -> str:
    return (
        f"{one.object_type} {one.object_id}: the version {one.version} of the file {one.asset.original_filename}"
        f" (asset {one.asset.id}) is left out: {error}"
    )
