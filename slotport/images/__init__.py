"""Versions of images, made in processes of their own with limits on pixels, memory and time (docs/design/images.md).

What people upload is decoded nowhere else. ``Images`` is a small pool of such processes.
"""

from slotport.images.kinds import KINDS
from slotport.images.pool import ImageFailed, ImageInfo, Images, Rendered, shared
from slotport.images.sizes import RENDITIONS, Rendition

__all__ = ["KINDS", "RENDITIONS", "ImageFailed", "ImageInfo", "Images", "Rendered", "Rendition", "shared"]
