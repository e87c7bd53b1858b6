"""How large a version of an image becomes. Nothing is ever made larger than it is."""

from collections.abc import Mapping

from msgspec import Struct

from slotport.core.export import CustomImage


class Rendition(Struct, frozen=True):
    """A version that is made of every image, without metadata, as JPEG, or PNG where it can be looked through."""

    longest_side: int  #: pixels, at most


#: by the name that exports and addresses use
RENDITIONS: Mapping[str, Rendition] = {
    "small": Rendition(240),
    "preview": Rendition(480),
    "large": Rendition(1600),
}


def fitted(size: tuple[int, int], custom: CustomImage) -> tuple[int, int]:
    """Width and height of the version of an image of that size; the proportions stay, as far as pixels allow."""
    if custom.size == "keep" or custom.custom_size_pixel is None:
        return size
    width, height = size
    measured = {"dimension_max": max(size), "dimension_min": min(size), "width": width, "height": height}
    return scaled(size, measured[custom.custom_size], custom.custom_size_pixel)


def scaled(size: tuple[int, int], side: int, pixels: int) -> tuple[int, int]:
    """The size at which ``side`` has so many pixels; the size itself if it has fewer."""
    if side <= pixels:
        return size
    width, height = (max(1, (length * pixels * 2 + side) // (side * 2)) for length in size)
    return width, height
