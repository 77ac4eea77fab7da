import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_start_page_is_accessible_and_asks_no_foreign_host(open_page, axe, width: int, scheme: str) -> None:
    page = open_page("/", viewport={"width": width, "height": 800}, color_scheme=scheme)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_alice_sees_her_day_after_logging_in(open_page, alice) -> None:
    page = open_page("/", person=alice)
    assert page.locator("main h1").count() == 1
