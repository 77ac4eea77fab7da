"""The files that make the look: the typeface is the one that was checked, and every style sheet is linked."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FONTS = ROOT / "config" / "static" / "config" / "fonts"
STYLES = (ROOT / "config/templates/components/_styles.html").read_text()
APPS = ("config", "tracker", "assessments")
SHEETS = sorted(path for app in APPS for path in (ROOT / app).glob("static/*/css/*.css"))
SUMS = dict(reversed(line.split()) for line in (FONTS / "SHA256SUMS").read_text().splitlines())


@pytest.mark.parametrize("path", sorted(FONTS.glob("*.woff2")), ids=lambda path: path.name)
def test_the_typeface_is_the_one_that_was_checked(path):
    assert sha256(path.read_bytes()).hexdigest() == SUMS[path.name]


def test_the_licence_of_the_typeface_lies_beside_it():
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_style_sheet_is_linked(path):
    name = "/".join(path.parts[-3:])
    linked_by = [STYLES, *(page.read_text() for app in APPS for page in (ROOT / app).glob("templates/**/*.html"))]
    assert any(name in page for page in linked_by)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_colours_are_named_once_and_nothing_comes_from_afar(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"@import|url\(\s*[\"']?(https?:)?//", text)
    if path.name != "tokens.css":
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(", text)
        used = set(re.findall(r"var\((--[\w-]+)", text))
        assert used <= set(re.findall(r"(--[\w-]+)\s*:", "".join(sheet.read_text() for sheet in SHEETS)))
