"""The records of a zip around the members' bytes (PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5).

Names are UTF-8 and flagged so. Times are UTC, once in DOS form, which is what the format asks for, and once as
Info-ZIP's extra field ``UT``, which is right wherever the archive is opened. Every member is a plain file, mode 0644.
"""

from datetime import UTC, datetime
from functools import lru_cache
from struct import Struct as Layout

import msgspec

STORED, DEFLATED = 0, 8
MAX_16, MAX_32 = 0xFFFF, 0xFFFFFFFF  #: as a field's value: look into the zip64 record
_UTF8, _DESCRIPTOR = 0x0800, 0x0008
_PLAIN_VERSION, _ZIP64_VERSION = 20, 45
_UNIX = 3 << 8
_MODE = 0o100644 << 16
_TIME_EXTRA = 0x5455
_ZIP64_EXTRA = 0x0001
_LOCAL = Layout("<4s5H3L2H")
_LOCAL_64 = Layout("<2H2Q")
_WIDE = [Layout(f"<2H{count}Q") for count in range(4)]
_SIGNED_CRC = Layout("<4sL")
_CENTRAL = Layout("<4s6H3L5H2L")
_TIME = Layout("<2HBL")
_END = Layout("<4s4H2LH")
_END_64 = Layout("<4sQ2H2L4Q")
_LOCATOR_64 = Layout("<4sLQL")


class Member(msgspec.Struct, frozen=True):
    """A member of an archive, as far as its local header can say."""

    name: bytes
    method: int
    modified: datetime
    size: int
    is_zip64: bool  #: its sizes have eight bytes
    has_descriptor: bool  #: checksum and sizes follow its bytes


def deflated_bound(size: int) -> int:
    """How long so many bytes may become when deflated (zlib's ``compressBound``, rounded up)."""
    return size + (size >> 12) + (size >> 14) + (size >> 25) + 64


@lru_cache(maxsize=512)
def _times(modified: datetime) -> tuple[int, int, bytes]:
    """DOS time, DOS date, and the extra field with the time of Unix, where it has room for it."""
    utc = modified.astimezone(UTC)
    if utc.year < 1980:
        utc = datetime(1980, 1, 1, tzinfo=UTC)
    elif utc.year > 2107:
        utc = datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)
    time = utc.hour << 11 | utc.minute << 5 | utc.second // 2
    date = (utc.year - 1980) << 9 | utc.month << 5 | utc.day
    seconds = int(modified.timestamp())
    extra = _TIME.pack(_TIME_EXTRA, 5, 1, seconds) if 0 <= seconds < 2**31 else b""
    return time, date, extra


def local_header(member: Member, crc: int, packed_size: int) -> bytes:
    """What stands before a member's bytes; what is not known yet is 0 and ``has_descriptor`` is set."""
    time, date, extra = _times(member.modified)
    sizes = (packed_size, member.size)
    if member.is_zip64:
        # a stored member has its true sizes here even if they follow again: a reader of a stream needs them
        known = (0, 0) if member.has_descriptor and member.method == DEFLATED else (member.size, packed_size)
        extra = _LOCAL_64.pack(_ZIP64_EXTRA, 16, *known) + extra
        sizes = (MAX_32, MAX_32)
    elif member.has_descriptor:
        sizes = (0, 0)
    head = _LOCAL.pack(
        b"PK\x03\x04",
        _ZIP64_VERSION if member.is_zip64 else _PLAIN_VERSION,
        _flags(member),
        member.method,
        time,
        date,
        crc,
        *sizes,
        len(member.name),
        len(extra),
    )
    return b"".join((head, member.name, extra))


def descriptor(member: Member, crc: int, packed_size: int) -> bytes:
    """What stands behind a member's bytes if its header could not say it."""
    width = 8 if member.is_zip64 else 4
    return (
        _SIGNED_CRC.pack(b"PK\x07\x08", crc)
        + packed_size.to_bytes(width, "little")
        + member.size.to_bytes(width, "little")
    )


def directory_record(member: Member, crc: int, packed_size: int, offset: int, *, always_zip64: bool) -> bytes:
    """What the directory at the end says of a member whose header stands at ``offset``."""
    time, date, extra = _times(member.modified)
    size, packed, at = member.size, packed_size, offset
    wide: list[int] = []
    if member.is_zip64:
        wide += (size, packed)
        size = packed = MAX_32
    if always_zip64 or offset >= MAX_32:
        wide.append(offset)
        at = MAX_32
    if wide:
        extra = _WIDE[len(wide)].pack(_ZIP64_EXTRA, 8 * len(wide), *wide) + extra
    version = _ZIP64_VERSION if wide else _PLAIN_VERSION
    head = _CENTRAL.pack(
        b"PK\x01\x02",
        _UNIX | version,
        version,
        _flags(member),
        member.method,
        time,
        date,
        crc,
        packed,
        size,
        len(member.name),
        len(extra),
        0,
        0,
        0,
        _MODE,
        at,
    )
    return b"".join((head, member.name, extra))


def end_of_directory(count: int, size: int, offset: int, *, always_zip64: bool) -> bytes:
    """The last records of an archive: its directory has ``count`` records, ``size`` bytes, and begins at ``offset``."""
    end = _END.pack(
        b"PK\x05\x06", 0, 0, min(count, MAX_16), min(count, MAX_16), min(size, MAX_32), min(offset, MAX_32), 0
    )
    # a zip64 without members is unknown to 7-Zip
    if not count or not (always_zip64 or count > MAX_16 or size >= MAX_32 or offset >= MAX_32):
        return end
    version = _UNIX | _ZIP64_VERSION
    end_64 = _END_64.pack(b"PK\x06\x06", _END_64.size - 12, version, _ZIP64_VERSION, 0, 0, count, count, size, offset)
    return end_64 + _LOCATOR_64.pack(b"PK\x06\x07", 0, offset + size, 1) + end


def _flags(member: Member) -> int:
    return _UTF8 | _DESCRIPTOR if member.has_descriptor else _UTF8
