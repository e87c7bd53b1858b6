"""Images made over with Pillow; runs in the child process only (docs/design/images.md).

Always in this order: turned as the metadata say, transformed step by step, the colours, the size, the format.
Equal files and rules give equal bytes.
"""

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from slotport.core.export import Crop, CustomImage
from slotport.images.kinds import KINDS
from slotport.images.sizes import RENDITIONS, fitted, scaled

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")  #: that are read and can be kept; JPEG holds MPO
QUALITY = {"maximum": 95, "medium": 80, "small": 60}
_ORIENTATION = 0x0112
_NESTED = frozenset({0x8769, 0x8825, 0xA005})  #: tags of EXIF that hold tags
_EIGHT_BITS = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "La", "CMYK", "YCbCr", "LAB", "HSV", "RGBX"})
_TURNS = {
    ("rotate-z", 90): Image.Transpose.ROTATE_270,  # ours goes clockwise
    ("rotate-z", 180): Image.Transpose.ROTATE_180,
    ("rotate-z", 270): Image.Transpose.ROTATE_90,
    ("rotate-x", 180): Image.Transpose.FLIP_TOP_BOTTOM,
    ("rotate-y", 180): Image.Transpose.FLIP_LEFT_RIGHT,
}


class Refused(Exception):
    """Nothing can be made of the image; the text says why."""


def set_up(max_pixels: int) -> None:
    """Refuse images of more pixels from now on."""
    Image.MAX_IMAGE_PIXELS = max_pixels
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.init()  # all plugins at once: they are asked by name only


def opened(path: Path) -> Image.Image:
    """The image, its first picture only; not yet decoded."""
    try:
        return Image.open(path, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as cause:
        raise Refused(f"the image has more than the {Image.MAX_IMAGE_PIXELS} pixels that are allowed") from cause
    except UnidentifiedImageError as cause:
        raise Refused("the file is no image that can be read") from cause


def format_of(image: Image.Image) -> str:
    """The format's name in lower case."""
    name = (image.format or "").lower()
    return "jpeg" if name == "mpo" else name


def is_turned(image: Image.Image) -> bool:
    """Whether width and height change places when the image is turned as its metadata say."""
    return image.getexif().get(_ORIENTATION) in (5, 6, 7, 8)


def info(path: Path) -> dict[str, Any]:
    """Format, width and height of an image all of which can be decoded."""
    with opened(path) as image:
        kind = format_of(image)
        image.load()  # Pillow turns a TIFF by itself then, and removes the tag
        width, height = image.size[::-1] if is_turned(image) else image.size
    return {"format": kind, "width": width, "height": height}


def render(source: Path, target: Path, custom: CustomImage, *, remove_metadata: bool) -> dict[str, Any]:
    """Make the image over as the rule says."""
    with opened(source) as image:
        kind = format_of(image) if custom.format == "keep" else custom.format
        made = ImageOps.exif_transpose(image)
        kept = {} if remove_metadata else _metadata(made, kind)
        for step in custom.transform:
            made = _transformed(made, *next(iter(step.items())))
        made = _coloured(_eight_bits(made), custom.colorspace, kind)
        made = _resized(made, fitted(made.size, custom))
        return _saved(made, target, kind, quality=QUALITY[custom.jpeg_quality], kept=kept)


def rendition(source: Path, target: Path, name: str) -> dict[str, Any]:
    """Make the version of that name: small enough, in RGB, without metadata."""
    longest = RENDITIONS[name].longest_side
    with opened(source) as image:
        if format_of(image) == "jpeg":
            image.draft(None, (longest * 2, longest * 2))  # the decoder may skip what is not needed
        made = _eight_bits(ImageOps.exif_transpose(image))
        made = _coloured(made, "rgb", "png")
        made = _resized(made, scaled(made.size, max(made.size), longest))
        kind = "png" if _can_be_looked_through(made) else "jpeg"
        made.info.pop("icc_profile", None)
        return _saved(_coloured(made, "rgb", kind), target, kind, quality=QUALITY["medium"], kept={})


def _can_be_looked_through(image: Image.Image) -> bool:
    return image.mode == "RGBA" and image.getchannel("A").histogram()[255] < image.width * image.height


def _transformed(image: Image.Image, name: str, how: int | Crop) -> Image.Image:
    if not isinstance(how, Crop):
        return image.transpose(_TURNS[name, how])
    width, height = image.size
    right, bottom = min(how.left + how.width, width), min(how.top + how.height, height)
    if how.left >= right or how.top >= bottom:
        raise Refused(f"nothing of the image, {width} x {height} pixels at that step, is left to crop")
    return image.crop((how.left, how.top, right, bottom))


# Colours


def _eight_bits(image: Image.Image) -> Image.Image:
    """The image with eight bits a channel, without a palette that resizing would not understand."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I"):
        grey = image.convert("I") if image.mode != "I" else image
        return _like(grey.point(lambda level: level * (1 / 256)).convert("L"), image)
    if image.mode == "F":
        return _like(image.convert("L"), image)
    if image.mode == "1":
        return _like(image.convert("L"), image)
    if image.mode in ("P", "PA"):
        return _like(image.convert("RGBA" if image.has_transparency_data else "RGB"), image)
    if image.mode in ("YCbCr", "LAB", "HSV", "RGBX", "RGBa", "La") or image.mode not in _EIGHT_BITS:
        return _like(image.convert("RGBA" if image.mode in ("RGBa", "La") else "RGB"), image)
    if image.has_transparency_data and image.mode in ("RGB", "L"):
        return _like(image.convert("RGBA" if image.mode == "RGB" else "LA"), image)
    return image


def _like(made: Image.Image, image: Image.Image) -> Image.Image:
    if "icc_profile" in image.info and _channels(made) == _channels(image):
        made.info["icc_profile"] = image.info["icc_profile"]
    return made


def _channels(image: Image.Image) -> str:
    return {"L": "gray", "LA": "gray", "1": "gray", "CMYK": "cmyk"}.get(image.mode, "rgb")


def _coloured(image: Image.Image, colorspace: str, kind: str) -> Image.Image:
    """The image in the colours that are asked for; in RGB where the format has no CMYK; opaque where it must be."""
    wanted = _channels(image) if colorspace == "keep" else colorspace
    if wanted == "cmyk" and kind not in ("jpeg", "tiff"):
        wanted = "rgb"
    alpha = image.mode in ("RGBA", "LA")
    if alpha and (kind in ("jpeg", "bmp") or wanted == "cmyk"):
        image, alpha = _on_white(image), False
    if wanted == _channels(image):
        return image
    if wanted == "gray":
        mode = "LA" if alpha else "L"
    else:
        mode = "CMYK" if wanted == "cmyk" else "RGBA" if alpha else "RGB"
    made = _by_profile(image, mode) or image.convert(mode)
    made.info.pop("icc_profile", None)  # it is about other colours
    return made


def _by_profile(image: Image.Image, mode: str) -> Image.Image | None:
    """A CMYK image in RGB as its own profile has it, if it has one that can be used."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode != "CMYK" or mode != "RGB":
        return None
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _on_white(image: Image.Image) -> Image.Image:
    opaque = image.mode[:-1]
    ground = Image.new(opaque, image.size, "white")
    ground.paste(image.convert(opaque), mask=image.getchannel("A"))
    return _like(ground, image)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if size == image.size:
        return image
    made = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _like(made, image)


# Saving


def _write(image: Image.Image, target: Path, kind: str, options: dict[str, Any]) -> None:
    """Write the file; metadata that are so odd that they cannot be written stay away."""
    try:
        with target.open("wb") as stream:
            image.save(stream, format=kind.upper(), **options)
    except (OSError, MemoryError):
        raise
    except Exception:
        plain = {name: value for name, value in options.items() if name not in ("exif", "xmp")}
        if plain.keys() == options.keys():
            raise
        _write(image, target, kind, plain)


def _metadata(image: Image.Image, kind: str) -> dict[str, Any]:
    """What the format can keep of the metadata of an image that stands upright; IPTC alone has no place there."""
    kept: dict[str, Any] = {}
    if kind in ("jpeg", "png", "webp", "tiff", "avif") and len(exif := image.getexif()):
        exif.pop(_ORIENTATION, None)
        kept["exif"] = exif
    if kind in ("jpeg", "webp", "avif") and isinstance(xmp := image.info.get("xmp"), bytes):
        kept["xmp"] = xmp
    return kept


def _saved(image: Image.Image, target: Path, kind: str, *, quality: int, kept: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = dict(kept)
    if kind not in ("gif", "bmp") and "icc_profile" in image.info:
        options["icc_profile"] = image.info["icc_profile"]
    match kind:
        case "jpeg":
            options |= {"quality": quality, "subsampling": 0 if quality > 90 else 2, "optimize": True}
        case "webp":
            options |= {"quality": quality, "method": 4}
        case "avif":
            options |= {"quality": quality, "max_threads": 1}
        case "tiff":
            # Pillow writes the folders in EXIF (camera, GPS) into a TIFF only where libtiff does not compress it
            nested = _NESTED & set(kept.get("exif", ()))
            options |= {"compression": "raw" if nested else "tiff_lzw"}
        case "gif" if image.mode not in ("L", "P"):
            image = image.quantize(256, method=Image.Quantize.FASTOCTREE)
    for name in ("comment", "exif", "xmp"):
        image.info.pop(name, None)  # or a plugin writes it unasked
    _write(image, target, kind, options)
    extension, media_type = KINDS[kind]
    return {
        "format": kind,
        "extension": extension,
        "media_type": media_type,
        "width": image.width,
        "height": image.height,
    }
