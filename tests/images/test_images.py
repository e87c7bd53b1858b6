"""Versions of images, made by real child processes."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from slotport.core.export import Crop, CustomImage
from slotport.images import ImageFailed, ImageInfo, Images, Rendered
from tests.images.pictures import FORMATS, SECRET, corners, png_of, quarters, saved

UPRIGHT = ("red", "lime", "blue", "white")


@pytest.fixture(scope="module")
def images() -> Iterator[Images]:
    with Images(max_pixels=1_000_000, workers=1) as pool:
        yield pool


@pytest.mark.parametrize("kind", FORMATS)
def test_an_image_is_recognised_by_its_bytes(images: Images, tmp_path: Path, kind: str) -> None:
    saved(tmp_path / f"a.{FORMATS[kind]}").rename(tmp_path / "a")

    assert images.info(tmp_path / "a") == ImageInfo(format=kind, width=64, height=48)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize(("turn", "size"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64)), (8, (48, 64))])
def test_an_image_is_turned_as_its_metadata_say(
    images: Images, tmp_path: Path, ending: str, turn: int, size: tuple[int, int]
) -> None:
    source, target = saved(tmp_path / f"a.{ending}", turn=turn), tmp_path / "out"

    made = images.render(source, target, CustomImage(), remove_metadata=False)

    assert (made.width, made.height) == size
    assert (
        corners(target)
        == {
            1: UPRIGHT,
            3: ("white", "blue", "lime", "red"),
            6: ("blue", "red", "white", "lime"),
            8: ("lime", "white", "red", "blue"),
        }[turn]
    )
    with Image.open(target) as picture:
        assert 0x0112 not in picture.getexif() or picture.getexif()[0x0112] == 1
    info = images.info(source)
    assert (info.width, info.height) == size


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("turn", [1, 6])
def test_metadata_are_left_out_and_pixels_stay(images: Images, tmp_path: Path, kind: str, turn: int) -> None:
    source = saved(tmp_path / f"a.{FORMATS[kind]}", secret=SECRET, turn=turn)
    target = tmp_path / "out"

    made = images.without_metadata(source, target)

    info = images.info(source)
    assert made == Rendered(
        format=kind,
        extension=FORMATS[kind],
        media_type=f"image/{kind}",
        width=info.width,
        height=info.height,
        size=target.stat().st_size,
    )
    assert SECRET.encode() not in target.read_bytes()
    assert SECRET[:8].encode() not in target.read_bytes()
    assert images.info(target) == info
    if kind != "avif":  # the only format that is coded anew
        with Image.open(source) as before, Image.open(target) as after:
            assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()


def test_what_follows_a_jpeg_is_left_out(images: Images, tmp_path: Path) -> None:
    source, target = saved(tmp_path / "a.jpg", progressive=True), tmp_path / "out"
    plain = source.read_bytes()
    source.write_bytes(plain + b"\xff\xd8" + SECRET.encode())

    images.without_metadata(source, target)

    assert target.read_bytes() == plain


def test_an_animation_stays_one_without_its_comments(images: Images, tmp_path: Path) -> None:
    source, target = tmp_path / "a.gif", tmp_path / "out"
    frames = [quarters(), quarters().rotate(90)]
    frames[0].save(source, save_all=True, append_images=frames[1:], loop=0, comment=SECRET.encode())

    images.without_metadata(source, target)

    assert SECRET.encode() not in target.read_bytes()
    with Image.open(target) as picture:
        assert (getattr(picture, "n_frames", 1), picture.info["loop"]) == (2, 0)


@pytest.mark.parametrize(
    ("custom", "kind", "mode", "size"),
    [
        (CustomImage(format="jpeg", jpeg_quality="small"), "JPEG", "RGB", (64, 48)),
        (CustomImage(format="jpeg", colorspace="cmyk"), "JPEG", "CMYK", (64, 48)),
        (CustomImage(format="png", colorspace="cmyk"), "PNG", "RGB", (64, 48)),
        (CustomImage(format="tiff", colorspace="gray"), "TIFF", "L", (64, 48)),
        (CustomImage(format="bmp"), "BMP", "RGB", (64, 48)),
        (CustomImage(size="custom", custom_size_pixel=32), "PNG", "RGB", (32, 24)),
        (CustomImage(size="custom", custom_size="dimension_min", custom_size_pixel=24), "PNG", "RGB", (32, 24)),
        (CustomImage(size="custom", custom_size="width", custom_size_pixel=16), "PNG", "RGB", (16, 12)),
        (CustomImage(size="custom", custom_size="height", custom_size_pixel=12), "PNG", "RGB", (16, 12)),
        (CustomImage(size="custom", custom_size_pixel=20_000), "PNG", "RGB", (64, 48)),
        (CustomImage(size="keep", custom_size_pixel=3), "PNG", "RGB", (64, 48)),
        (CustomImage(size="custom", custom_size_pixel=1), "PNG", "RGB", (1, 1)),
    ],
)
def test_an_image_is_made_over_as_the_rule_says(
    images: Images, tmp_path: Path, custom: CustomImage, kind: str, mode: str, size: tuple[int, int]
) -> None:
    source, target = saved(tmp_path / "a.png"), tmp_path / "out"

    made = images.render(source, target, custom, remove_metadata=False)

    with Image.open(target) as picture:
        assert (picture.format, picture.mode, picture.size) == (kind, mode, size)
    assert (made.format.upper(), made.width, made.height, made.size) == (kind, *size, target.stat().st_size)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "LAB"])
@pytest.mark.parametrize("wanted", ["keep", "jpeg", "tiff", "png", "bmp"])
def test_every_kind_of_pixels_can_be_made_over(images: Images, tmp_path: Path, mode: str, wanted: str) -> None:
    source, target = tmp_path / "a", tmp_path / "out"
    picture = Image.new("I;16", (64, 48), 40_000) if mode == "I;16" else quarters().convert("L").convert(mode)
    kind = "TIFF" if mode in ("CMYK", "F", "I", "YCbCr", "LAB") else "PNG"
    (picture.convert("P") if mode == "PA" else picture).save(source, format=kind)

    made = images.render(source, target, CustomImage(format=wanted), remove_metadata=True)  # type: ignore[arg-type]

    assert images.info(target) == ImageInfo(format=made.format, width=64, height=48)


def test_a_deep_grey_stays_as_light_as_it_was(images: Images, tmp_path: Path) -> None:
    Image.new("I;16", (8, 8), 0x8080).save(tmp_path / "a.png")

    images.render(tmp_path / "a.png", tmp_path / "out.jpg", CustomImage(format="jpeg"), remove_metadata=True)

    with Image.open(tmp_path / "out.jpg") as picture:
        assert (picture.mode, picture.getpixel((4, 4))) == ("L", 0x80)


def test_what_can_be_looked_through_is_white_in_a_jpeg(images: Images, tmp_path: Path) -> None:
    Image.new("RGBA", (64, 48), (0, 0, 0, 0)).save(tmp_path / "a.png")

    images.render(tmp_path / "a.png", tmp_path / "out.jpg", CustomImage(format="jpeg"), remove_metadata=True)

    assert corners(tmp_path / "out.jpg") == ("white",) * 4


@pytest.mark.parametrize(
    ("steps", "size", "seen"),
    [
        (({"rotate-z": 90},), (48, 64), ("blue", "red", "white", "lime")),
        (({"rotate-z": 180},), (64, 48), ("white", "blue", "lime", "red")),
        (({"rotate-z": 270},), (48, 64), ("lime", "white", "red", "blue")),
        (({"rotate-x": 180},), (64, 48), ("blue", "white", "red", "lime")),
        (({"rotate-y": 180},), (64, 48), ("lime", "red", "white", "blue")),
        (({"crop": Crop(top=0, left=32, width=32, height=48)},), (32, 48), ("lime", "lime", "white", "white")),
        (
            ({"rotate-z": 90}, {"crop": Crop(top=0, left=0, width=1000, height=32)}),
            (48, 32),
            ("blue", "red", "blue", "red"),
        ),
        (
            ({"crop": Crop(top=0, left=0, width=64, height=24)}, {"rotate-z": 90}),
            (24, 64),
            ("red", "red", "lime", "lime"),
        ),
    ],
)
def test_transformations_apply_in_their_order(
    images: Images, tmp_path: Path, steps: tuple[dict[str, int | Crop], ...], size: tuple[int, int], seen: object
) -> None:
    source, target = saved(tmp_path / "a.png"), tmp_path / "out"

    made = images.render(source, target, CustomImage(transform=steps), remove_metadata=False)

    assert ((made.width, made.height), corners(target)) == (size, seen)


def test_metadata_are_kept_if_that_is_wanted(images: Images, tmp_path: Path) -> None:
    source, target = saved(tmp_path / "a.jpg", secret=SECRET), tmp_path / "out"
    custom = CustomImage(size="custom", custom_size_pixel=10)

    images.render(source, target, custom, remove_metadata=False)
    kept = target.read_bytes()
    images.render(source, target, custom, remove_metadata=True)
    removed = target.read_bytes()

    assert (kept.count(SECRET.encode()), removed.count(SECRET.encode())) == (2, 0)


@pytest.mark.parametrize("wanted", ["jpeg", "png", "tiff"])
def test_where_and_how_is_kept_in_every_format_that_can_say_it(images: Images, tmp_path: Path, wanted: str) -> None:
    source, target = saved(tmp_path / "a.jpg", secret=SECRET), tmp_path / "out"

    images.render(source, target, CustomImage(format=wanted), remove_metadata=False)  # type: ignore[arg-type]

    with Image.open(target) as picture:
        exif = picture.getexif()
        assert (exif[0x010E], exif.get_ifd(0x8825)) == (SECRET, {1: "N", 29: SECRET[:8]})


@pytest.mark.parametrize("kind", FORMATS)
def test_equal_rules_give_equal_bytes(tmp_path: Path, images: Images, kind: str) -> None:
    source = saved(tmp_path / f"a.{FORMATS[kind]}", secret=SECRET, turn=6)
    custom = CustomImage(size="custom", custom_size_pixel=30)

    images.render(source, tmp_path / "one", custom, remove_metadata=False)
    with Images(max_pixels=1_000_000) as others:
        others.render(source, tmp_path / "two", custom, remove_metadata=False)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(("name", "longest"), [("small", 240), ("preview", 480), ("large", 700)])
def test_renditions_are_small_and_say_nothing(images: Images, tmp_path: Path, name: str, longest: int) -> None:
    source = saved(tmp_path / "a.jpg", quarters(700, 350, "CMYK"), secret=SECRET, turn=6)

    made = images.rendition(source, tmp_path / "out", name)

    assert (made.format, made.width, made.height) == ("jpeg", longest // 2, longest)
    assert corners(tmp_path / "out") == ("blue", "red", "white", "lime")
    assert SECRET.encode() not in (tmp_path / "out").read_bytes()


def test_a_rendition_that_can_be_looked_through_is_a_png(images: Images, tmp_path: Path) -> None:
    Image.new("RGBA", (600, 300), (0, 0, 0, 80)).save(tmp_path / "a.png")

    assert images.rendition(tmp_path / "a.png", tmp_path / "out", "preview").extension == "png"


# What cannot be made


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is no image that can be read"),
        (b"%PDF-1.7", "the file is no image that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "the file is no image that can be read"),
        (png_of(50_000, 50_000), "the image has more than the 1000000 pixels that are allowed"),
        (png_of(1001, 1000), "the image has more than the 1000000 pixels that are allowed"),
        (png_of(900, 900), "the image is damaged or cut off"),
    ],
)
def test_what_is_no_proper_image_is_refused(images: Images, tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "a.png").write_bytes(content)

    for make in (
        lambda: images.info(tmp_path / "a.png"),
        lambda: images.rendition(tmp_path / "a.png", tmp_path / "out", "small"),
        lambda: images.without_metadata(tmp_path / "a.png", tmp_path / "out"),
    ):
        with pytest.raises(ImageFailed) as refused:
            make()
        assert str(refused.value) == sentence


def test_nothing_left_to_crop_is_refused(images: Images, tmp_path: Path) -> None:
    custom = CustomImage(transform=({"crop": Crop(top=48, left=0, width=1, height=1)},))

    with pytest.raises(ImageFailed, match="nothing of the image, 64 x 48 pixels at that step, is left to crop"):
        images.render(saved(tmp_path / "a.png"), tmp_path / "out", custom, remove_metadata=True)


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), length=st.integers(0, 40), filler=st.binary(min_size=1, max_size=8))
def test_damage_is_no_crash(
    images: Images, tmp_path: Path, kind: str, place: float, length: int, filler: bytes
) -> None:
    source = saved(tmp_path / f"a.{FORMATS[kind]}", secret=SECRET, turn=6)
    data = bytearray(source.read_bytes())
    at = int(place * len(data))
    data[at : at + length] = filler
    source.write_bytes(data)

    with suppress(ImageFailed):
        images.without_metadata(source, tmp_path / "out")
    with suppress(ImageFailed):
        images.render(source, tmp_path / "out", CustomImage(), remove_metadata=False)


def test_a_child_over_its_time_is_replaced(tmp_path: Path) -> None:
    Image.effect_noise((3000, 3000), 80).convert("RGB").save(tmp_path / "large.png")
    small = saved(tmp_path / "a.jpg")
    with Images(max_pixels=100_000_000, workers=1, seconds=0.4) as pool:
        before = pool.info(small)
        with pytest.raises(ImageFailed, match="the image needs more time or memory than is allowed"):
            pool.render(tmp_path / "large.png", tmp_path / "out", CustomImage(), remove_metadata=False)

        assert pool.info(small) == before


def test_a_child_over_its_memory_is_replaced(tmp_path: Path) -> None:
    Image.new("RGB", (8000, 8000)).save(tmp_path / "large.png")
    small = saved(tmp_path / "a.jpg")
    with Images(max_pixels=100_000_000, workers=1, memory_bytes=400 * 1024 * 1024) as pool:
        before = pool.info(small)
        with pytest.raises(ImageFailed, match="memory than is allowed"):
            pool.render(
                tmp_path / "large.png",
                tmp_path / "out",
                CustomImage(transform=({"rotate-z": 90},)),
                remove_metadata=False,
            )

        assert pool.info(small) == before


def test_a_child_that_went_to_rest_is_replaced(tmp_path: Path) -> None:
    small = saved(tmp_path / "a.jpg")
    with Images(max_pixels=1_000_000, workers=1, idle_seconds=0.0) as pool:
        found = {pool.info(small) for _ in range(5)}

    assert found == {ImageInfo(format="jpeg", width=64, height=48)}


def test_a_source_that_is_gone_is_refused(images: Images, tmp_path: Path) -> None:
    with pytest.raises(ImageFailed):
        images.info(tmp_path / "nothing.jpg")
