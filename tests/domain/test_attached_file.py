"""Which JPEG holds nothing but a picture."""

import io

import pytest
from PIL import Image

from tracker.domain.attached_file import is_bare_jpeg


def jpeg(**options) -> bytes:
    written = io.BytesIO()
    Image.radial_gradient("L").save(written, format="JPEG", **options)
    return written.getvalue()


def segment(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + (len(body) + 2).to_bytes(2) + body


BARE = jpeg()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(BARE, id="as Ebb writes it"),
        pytest.param(jpeg(quality=40, optimize=True), id="smaller"),
        pytest.param(jpeg(dpi=(300, 300)), id="with its resolution"),
        pytest.param(jpeg(restart_marker_blocks=4), id="with marks to begin again at"),
    ],
)
def test_nothing_but_the_picture(content):
    assert is_bare_jpeg(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(BARE[:2] + segment(0xE1, b"Exif\0\0Clinic") + BARE[2:], id="what a camera writes"),
        pytest.param(BARE[:2] + segment(0xFE, b"Clinic") + BARE[2:], id="a comment"),
        pytest.param(BARE[:2] + segment(0xE0, b"JFXX\0Clinic") + BARE[2:], id="a small picture in the head"),
        pytest.param(
            BARE[:2] + segment(0xE0, b"JFIF\0" + bytes(7) + b"\1\1abc") + BARE[2:], id="one in the first head"
        ),
        pytest.param(jpeg(comment=b"Clinic"), id="a comment by a library"),
        pytest.param(jpeg(icc_profile=b"Clinic"), id="colours of a device"),
        pytest.param(BARE + b"Clinic", id="more after the end"),
        pytest.param(BARE + BARE, id="another picture after it"),
        pytest.param(BARE[:-2] + segment(0xFE, b"Clinic") + BARE[-2:], id="a comment after the picture"),
        pytest.param(jpeg(progressive=True), id="in several scans"),
        pytest.param(BARE[:-2], id="without its end"),
        pytest.param(BARE[:100], id="cut in its head"),
        pytest.param(BARE[:3], id="cut in a name"),
        pytest.param(b"\xff\xd8", id="only its beginning"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_something_else_is_in_it(content):
    assert not is_bare_jpeg(content)
