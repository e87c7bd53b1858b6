"""Images without their metadata, the pixels left as they are; runs in the child process only (docs/design/images.md).

JPEG, PNG, WebP and GIF are copied part by part, and only parts that say how pixels look are copied: colour profiles,
resolution, animation. All else, such as EXIF, XMP, IPTC, comments, previews, and what follows the image, stays behind.
TIFF is written anew without loss, AVIF with little; BMP has no metadata. How the image is to be turned is kept.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from PIL import Image, ImageOps, ImageSequence

from slotport.core.export import CustomImage
from slotport.images.kinds import KINDS
from slotport.images.rendering import Refused, format_of, is_turned, opened, render

_ORIENTATION = 0x0112
_MOST_PARTS = 1_000_000
_PNG_KEPT = frozenset({
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"mDCV", b"cLLI",
    b"pHYs", b"bKGD", b"hIST", b"acTL", b"fcTL", b"fdAT",
})  # fmt: skip
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_DAMAGED = "the image is damaged or cut off"
_COPIED_BYTES = 1024 * 1024


def without_metadata(source: Path, target: Path) -> dict[str, Any]:
    """Copy the image without what it says besides its pixels."""
    with opened(source) as image:
        kind = format_of(image)
        image.load()  # what is damaged is refused, not cut short
        turn = image.getexif().get(_ORIENTATION, 1)
        width, height = image.size[::-1] if is_turned(image) else image.size
        if kind == "tiff":
            _tiff(image, target)
    if not isinstance(turn, int) or not 1 <= turn <= 8:
        turn = 1
    if kind == "avif":
        render(source, target, CustomImage(), remove_metadata=True)
    elif kind != "tiff":
        copies = {"jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif, "bmp": _whole}
        with source.open("rb") as stream, target.open("wb") as out:
            for piece in copies[kind](stream, turn):
                out.write(piece)
    extension, media_type = KINDS[kind]
    return {"format": kind, "extension": extension, "media_type": media_type, "width": width, "height": height}


def _exif(turn: int) -> bytes:
    """The smallest EXIF there is: only how the image is to be turned."""
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, turn, 0, 0)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise Refused(_DAMAGED)
    return data


def _copied(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = _exactly(stream, min(size, _COPIED_BYTES))
        size -= len(piece)
        yield piece


def _whole(stream: BinaryIO, _turn: int) -> Iterator[bytes]:
    while piece := stream.read(_COPIED_BYTES):
        yield piece


# JPEG (ITU-T T.81, annex B)


def _jpeg(stream: BinaryIO, turn: int) -> Iterator[bytes]:
    yield _exactly(stream, 2)
    if turn != 1:
        body = b"Exif\0\0" + _exif(turn)
        yield b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    data = stream.read()
    at = 0
    for _ in range(_MOST_PARTS):
        marker, at = _marker(data, at)
        if marker == 0xD9:
            yield b"\xff\xd9"
            return
        length = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + length]
        if length < 2 or len(body) != length - 2:
            raise Refused(_DAMAGED)
        at += length
        if _is_kept_segment(marker, body):
            yield bytes((0xFF, marker)) + data[at - length : at]
        if marker == 0xDA:
            end = _end_of_scan(data, at)
            yield data[at:end]
            at = end
            if at >= len(data):
                yield b"\xff\xd9"
                return
    raise Refused(_DAMAGED)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at that place, and where its segment begins."""
    if data[at : at + 1] != b"\xff":
        raise Refused(_DAMAGED)
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise Refused(_DAMAGED)
    return data[at], at + 1


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the coded pixels end: at a marker that is none of theirs."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        after = data[at + 1]
        if after == 0xFF:
            at += 1
        elif after == 0 or 0xD0 <= after <= 0xD7:
            at += 2
        else:
            return at
    return len(data)


def _is_kept_segment(marker: int, body: bytes) -> bool:
    if marker == 0xE0:
        return body.startswith(b"JFIF\0") and len(body) == 14  # without a preview
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return body.startswith(b"Adobe")
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


# PNG (its specification, third edition, section 5)


def _png(stream: BinaryIO, turn: int) -> Iterator[bytes]:
    yield _exactly(stream, 8)
    for _ in range(_MOST_PARTS):
        head = _exactly(stream, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind not in _PNG_KEPT:
            _exactly(stream, length + 4)
            continue
        yield head
        yield from _copied(stream, length + 4)
        if kind == b"IEND":
            return
        if kind == b"IHDR" and turn != 1:
            yield _png_chunk(b"eXIf", _exif(turn))
    raise Refused(_DAMAGED)


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc32(kind + body))


# WebP (RFC 9649, section 2)


def _webp(stream: BinaryIO, turn: int) -> Iterator[bytes]:
    head = _exactly(stream, 12)
    left = int.from_bytes(head[4:8], "little") - 4
    kept: list[bytes] = []
    while left >= 8 and len(kept) < _MOST_PARTS:
        name, size = _exactly(stream, 4), int.from_bytes(_exactly(stream, 4), "little")
        padded = size + size % 2
        if padded > left - 8 + 1:
            raise Refused(_DAMAGED)
        body = stream.read(padded)
        if len(body) < size:
            raise Refused(_DAMAGED)
        left -= 8 + padded
        if name == b"VP8X":
            flags = body[0] & ~0b1100 | (0b1000 if turn != 1 else 0)
            body = bytes((flags,)) + body[1:]
        if name in _WEBP_KEPT:
            kept.append(name + struct.pack("<I", size) + body.ljust(padded, b"\0"))
    if turn != 1 and kept and kept[0].startswith(b"VP8X"):
        body = _exif(turn)
        kept.append(b"EXIF" + struct.pack("<I", len(body)) + body)
    yield b"RIFF" + struct.pack("<I", 4 + sum(map(len, kept))) + b"WEBP"
    yield from kept


# GIF (its specification 89a)


def _gif(stream: BinaryIO, _turn: int) -> Iterator[bytes]:
    head = _exactly(stream, 13)
    yield head
    yield from _copied(stream, _table_bytes(head[10]))
    for _ in range(_MOST_PARTS):
        kind = stream.read(1)
        if kind in (b";", b""):
            yield b";"
            return
        if kind == b",":
            place = _exactly(stream, 9)
            yield kind + place
            yield from _copied(stream, _table_bytes(place[8]) + 1)
            yield from _blocks(stream)
        elif kind == b"!":
            yield from _gif_extension(stream)
        else:
            raise Refused(_DAMAGED)
    raise Refused(_DAMAGED)


def _gif_extension(stream: BinaryIO) -> Iterator[bytes]:
    label = _exactly(stream, 1)
    blocks = list(_blocks(stream))
    loops = label == b"\xff" and blocks[0][1:12] in (b"NETSCAPE2.0", b"ANIMEXTS1.0")
    if label == b"\xf9" or loops:
        yield b"!" + label
        yield from blocks


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks up to the empty one that ends them."""
    while True:
        size = _exactly(stream, 1)
        yield size + _exactly(stream, size[0])
        if size == b"\0":
            return


def _table_bytes(flags: int) -> int:
    """How large the colour table is that the flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


# TIFF


def _tiff(image: Image.Image, target: Path) -> None:
    """Write all pages anew, upright, without tags that do not describe pixels."""
    pages = []
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number >= 100:
            raise Refused("the image has more than the 100 pages that are allowed")
        page = ImageOps.exif_transpose(frame)
        bare = page.copy() if page is frame else page
        profile = frame.info.get("icc_profile")
        bare.info = {} if profile is None else {"icc_profile": profile}
        if hasattr(bare, "tag_v2"):
            raise Refused(_DAMAGED)
        pages.append(bare)
    compression = "tiff_lzw" if pages[0].mode != "1" else "group4"
    pages[0].save(target, format="TIFF", save_all=True, append_images=pages[1:], compression=compression)
