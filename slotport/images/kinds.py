"""The formats that are read and written, by Pillow's names in lower case."""

#: extension and media type by format
KINDS = {
    "jpeg": ("jpg", "image/jpeg"),
    "png": ("png", "image/png"),
    "gif": ("gif", "image/gif"),
    "webp": ("webp", "image/webp"),
    "tiff": ("tif", "image/tiff"),
    "bmp": ("bmp", "image/bmp"),
    "avif": ("avif", "image/avif"),
}
