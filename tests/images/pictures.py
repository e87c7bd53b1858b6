"""Pictures to make versions of."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

from PIL import Image

SECRET = "Pier 7, 53.5413 N"
FORMATS = {"jpeg": "jpg", "png": "png", "gif": "gif", "webp": "webp", "tiff": "tif", "bmp": "bmp", "avif": "avif"}


def quarters(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture of four colours: red, green / blue, white."""
    picture = Image.new("RGB", (width, height), "white")
    picture.paste("red", (0, 0, width // 2, height // 2))
    picture.paste("lime", (width // 2, 0, width, height // 2))
    picture.paste("blue", (0, height // 2, width // 2, height))
    return picture.convert(mode)


def corners(path: Path) -> tuple[str, str, str, str]:
    """The colours of a file's corners: top left, top right, bottom left, bottom right."""
    with Image.open(path) as picture:
        seen = picture.convert("RGB")
    width, height = seen.size
    return tuple(  # type: ignore[return-value]
        _name(seen.getpixel(place)) for place in ((2, 2), (width - 3, 2), (2, height - 3), (width - 3, height - 3))
    )


def _name(colour: Any) -> str:
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    return min(names, key=lambda name: sum(abs(a - b) for a, b in zip(names[name], colour, strict=True)))


def saved(path: Path, picture: Image.Image | None = None, *, turn: int = 1, secret: str = "", **options: Any) -> Path:
    """The picture in a file whose format its name says, with metadata."""
    exif = Image.Exif()
    if turn != 1:
        exif[0x0112] = turn
    if secret:
        exif[0x010E] = secret
        if path.suffix != ".tif":
            exif[0x8825] = {1: "N", 29: secret[:8]}
    if path.suffix in (".jpg", ".gif") and secret:
        options["comment"] = secret
    if path.suffix in (".jpg", ".webp") and secret:
        options["xmp"] = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{secret}</x:xmpmeta>".encode()
    if len(exif) and path.suffix not in (".gif", ".bmp"):
        options["exif"] = exif
    (picture or quarters()).save(path, **options)
    return path


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is that large, and has hardly any bytes."""
    out = BytesIO()
    Image.new("1", (1, 1)).save(out, "PNG")
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\x00\x00\x00\x00"
    data = out.getvalue()
    return data[:12] + head + crc32(head).to_bytes(4, "big") + data[33:]
