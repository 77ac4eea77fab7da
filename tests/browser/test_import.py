"""A log from somewhere else: what its columns mean, by keyboard, and a large file whose progress shows."""

from django.urls import reverse
from django.utils import timezone

from tracker.services import import_files

FOREIGN = "Wann;Wert;Wetter\n03/04/2024;45;schön\n05/06/2024;80;\n".encode("windows-1252")
LARGE = b"day,pain,note\n" + b"".join(b"2026-03-01,%d,%d %s\n" % (n % 11, n, b"." * 90) for n in range(1_200))
PHONE = {"width": 360, "height": 800}


def choose(page, folder, content: bytes):
    file = folder / "log.csv"
    file.write_bytes(content)
    page.get_by_label("Your file").set_input_files(file)
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("heading", name="What the columns mean").wait_for()


def press(page, element, *keys: str):
    page.wait_for_load_state()  # nobody is as quick as this, and a page that is still coming takes the focus
    element.focus()
    for key in keys:
        page.keyboard.press(key)


def test_columns_days_and_letters_are_said_by_keyboard(open_page, axe, alice, tmp_path):
    page = open_page(reverse("import_log"), person=alice, viewport=PHONE)
    choose(page, tmp_path, FOREIGN)
    axe(page)
    press(page, page.get_by_label("Wert"), *"Pain, 0 to 100")
    press(page, page.get_by_label("Wetter"), *"Add")
    press(page, page.get_by_role("radio", name="schön (Windows)"), "Space")
    press(page, page.get_by_role("button", name="Look again"), "Enter")
    page.get_by_text("can be two days: 3 April 2024 or 4 March 2024").wait_for()
    press(page, page.get_by_role("radio", name="The day is written first"), "Space")
    press(page, page.get_by_role("button", name="Look again"), "Enter")
    page.get_by_role("heading", name="2 ratings would be added").wait_for()
    axe(page)
    press(page, page.get_by_role("button", name="Add 2 ratings"), "Enter")
    page.get_by_role("heading", name="2 ratings were added").wait_for()
    assert list(alice.patient.pain_entries.order_by("felt_at").values_list("nrs", "note")) == [
        (5, "Wetter: schön"),
        (8, ""),
    ]


def test_a_large_file_shows_its_progress_and_its_end_by_itself(open_page, axe, alice, tmp_path):
    page = open_page(reverse("import_log"), person=alice, viewport=PHONE)
    choose(page, tmp_path, LARGE)
    page.get_by_role("button", name="Add 1200 ratings").click()
    page.get_by_text("It starts in a few seconds.").wait_for()
    axe(page)
    alice.patient.import_files.update(state="running", n_read=600)
    page.get_by_text("Read: 600 of 1201 lines").wait_for()
    alice.patient.import_files.update(state="waiting")
    import_files.take_over_due(clock=timezone.now)
    page.get_by_role("heading", name="1200 ratings were added").wait_for()


def test_without_script_the_page_comes_again_by_itself(open_page, alice, tmp_path):
    page = open_page(reverse("import_log"), person=alice, java_script_enabled=False)
    choose(page, tmp_path, LARGE)
    page.get_by_role("button", name="Add 1200 ratings").click()
    page.get_by_text("It starts in a few seconds.").wait_for()
    import_files.take_over_due(clock=timezone.now)
    page.get_by_role("heading", name="1200 ratings were added").wait_for()
