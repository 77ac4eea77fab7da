def test_the_start_page_is_accessible_and_asks_no_foreign_host(open_page, axe) -> None:
    page = open_page("/")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_alice_sees_her_day_after_logging_in(open_page, alice) -> None:
    page = open_page("/", person=alice)
    assert page.locator("main h1").count() == 1
