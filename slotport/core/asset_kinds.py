"""What kind of file an upload is, by its name and its first bytes (docs/api/export-assets.md).

A name counts as far as the bytes bear it out: ``photo.png`` that holds a JPEG is a JPEG, and a ``tour.pdf`` that holds
anything else is a file of class other.
"""

import re
import unicodedata

from msgspec import Struct

from slotport.core.export import AssetClass
from slotport.core.file_names import clean_name

HEAD_BYTES = 4096  #: of a file that are looked at
OCTETS = "application/octet-stream"
#: programs, which a system starts without asking; they are not taken
REFUSED = frozenset(
    "app apk bat cmd com cpl dll exe hta jar jse lnk msi msp pif ps1 reg scr sys vbe vbs wsf wsh".split()
)
_EXTENSION = re.compile(r"[a-z0-9]{1,16}")
_IMAGE, _AUDIO, _VIDEO, _OFFICE, _OTHER = AssetClass


class Kind(Struct, frozen=True):
    """A kind of file."""

    asset_class: AssetClass
    extension: str  #: lower case, without the dot
    media_type: str


def _kinds(asset_class: AssetClass, table: str) -> dict[str, Kind]:
    """Kinds from lines of ``media type: extension, the usual one first``."""
    found = {}
    for line in table.strip().splitlines():
        media_type, _, extensions = line.strip().partition(": ")
        for extension in extensions.split():
            found[extension] = Kind(asset_class, extension, media_type)
    return found


KINDS: dict[str, Kind] = {
    **_kinds(
        _IMAGE,
        """
        image/jpeg: jpg jpeg jpe jfif
        image/png: png apng
        image/gif: gif
        image/webp: webp
        image/tiff: tif tiff
        image/bmp: bmp dib
        image/avif: avif
        image/heic: heic heif
        """,
    ),
    **_kinds(
        _AUDIO,
        """
        audio/mpeg: mp3
        audio/mp4: m4a
        audio/ogg: ogg oga opus
        audio/flac: flac
        audio/wav: wav
        audio/aac: aac
        audio/midi: mid midi
        """,
    ),
    **_kinds(
        _VIDEO,
        """
        video/mp4: mp4 m4v
        video/quicktime: mov
        video/webm: webm
        video/x-matroska: mkv
        video/x-msvideo: avi
        video/ogg: ogv
        video/mpeg: mpg mpeg
        """,
    ),
    **_kinds(
        _OFFICE,
        """
        application/pdf: pdf
        application/rtf: rtf
        application/msword: doc
        application/vnd.ms-excel: xls
        application/vnd.ms-powerpoint: ppt
        application/vnd.openxmlformats-officedocument.wordprocessingml.document: docx
        application/vnd.openxmlformats-officedocument.spreadsheetml.sheet: xlsx
        application/vnd.openxmlformats-officedocument.presentationml.presentation: pptx
        application/vnd.oasis.opendocument.text: odt
        application/vnd.oasis.opendocument.spreadsheet: ods
        application/vnd.oasis.opendocument.presentation: odp
        application/epub+zip: epub
        """,
    ),
    **_kinds(
        _OTHER,
        """
        text/plain: txt log md
        text/csv: csv
        text/html: html htm
        text/calendar: ics
        application/json: json
        application/xml: xml
        image/svg+xml: svg
        application/zip: zip
        application/gzip: gz tgz
        """,
    ),
}

#: what the bytes at a place say: the extensions that may stand for it, the usual one first
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "jpg jpeg jpe jfif"),
    (0, b"\x89PNG\r\n\x1a\n", "png apng"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (8, b"WEBPVP8", "webp"),
    (0, b"II*\0", "tif tiff"),
    (0, b"MM\0*", "tif tiff"),
    (4, b"ftypavif", "avif"),
    (4, b"ftypavis", "avif"),
    (4, b"ftypheic", "heic heif"),
    (4, b"ftypheix", "heic heif"),
    (4, b"ftypmif1", "heic heif avif"),
    (4, b"ftypM4A", "m4a"),
    (4, b"ftypqt", "mov"),
    (4, b"ftyp", "mp4 m4v m4a mov"),
    (0, b"ID3", "mp3"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg oga opus ogv"),
    (8, b"WAVEfmt", "wav"),
    (8, b"AVI LIST", "avi"),
    (0, b"MThd", "mid midi"),
    (0, b"\x1aE\xdf\xa3", "webm mkv"),
    (0, b"\0\0\x01\xba", "mpg mpeg"),
    (0, b"\0\0\x01\xb3", "mpg mpeg"),
    (0, b"%PDF-", "pdf"),
    (0, b"{\\rtf", "rtf"),
)
#: what begins so can be many things: the name decides, among these
_CONTAINERS: tuple[tuple[bytes, frozenset[str]], ...] = (
    (b"PK\x03\x04", frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "zip"})),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", frozenset({"doc", "xls", "ppt"})),
    (b"BM", frozenset({"bmp", "dib"})),
    (b"\xff\xfb", frozenset({"mp3"})),
    (b"\xff\xf3", frozenset({"mp3"})),
    (b"\xff\xfa", frozenset({"mp3"})),
    (b"\xff\xf1", frozenset({"aac"})),
    (b"\xff\xf9", frozenset({"aac"})),
    (b"\x1f\x8b", frozenset({"gz", "tgz"})),
)
_SIGNED = frozenset(
    {extension for _, _, extensions in _SIGNATURES for extension in extensions.split()}
    | {extension for _, extensions in _CONTAINERS for extension in extensions}
)


def kind_of(file_name: str, head: bytes) -> Kind:
    """The kind of the file of that name which begins with those bytes."""
    extension = extension_of(file_name)
    for place, signature, extensions in _SIGNATURES:
        if head.startswith(signature, place):
            known = extensions.split()
            return KINDS[extension if extension in known else known[0]]
    if any(head.startswith(signature) and extension in extensions for signature, extensions in _CONTAINERS):
        return KINDS[extension]
    if extension in KINDS and extension not in _SIGNED:
        return KINDS[extension]
    return Kind(_OTHER, extension or "bin", OCTETS)


def class_of(file_name: str) -> AssetClass:
    """The class that the name alone promises."""
    found = KINDS.get(extension_of(file_name))
    return _OTHER if found is None else found.asset_class


def extension_of(file_name: str) -> str:
    """The extension in lower case, without the dot; "" if the name has none that can be used."""
    _, dot, ending = file_name.rpartition(".")
    ending = ending.strip().lower()
    return ending if dot and _EXTENSION.fullmatch(ending) else ""


def original_name(sent: str) -> str:
    """What a client calls its file, cleaned: without folders, with its extension."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", sent[-1000:]))[-1]
    stem, dot, ending = name.rpartition(".")
    if not dot or not _EXTENSION.fullmatch(ending.strip().lower()):
        return clean_name(name, fallback="file")
    return f"{clean_name(stem, fallback='file')}.{ending.strip()}"
