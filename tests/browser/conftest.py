import json
import os
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from tests.conftest import Person, require
from tracker.models import TreatmentType

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# The last list counts. The first two are pages of the browser's own behind its address bar: it loads them anew for each
# context, which takes longer than a page of ours. The others are those that Playwright turns off.
UNUSED = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
# Also as root, in a container, without a way to the world; and nothing of the browser's own talks to it.
FLAGS = [
    f"--disable-features={','.join(UNUSED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# Rules of WCAG 2.0 to 2.2, levels A and AA.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """runOnly => axe.run({ runOnly, resultTypes: ["violations"] }).then(({ violations }) => violations.map(
  ({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(node => node.target.join(" ")).join(", ")}`
))"""
# A page as a test opens it: what moves by itself would be measured half-way.
SETTLED = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce"}


def find_chromium() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), MACOS if os.path.exists(MACOS) else None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def seeded(transactional_db: None) -> None:
    """An earlier test that commits has emptied every table at its end. What the migrations wrote is written again here:
    pytest-django's own rollback to it looks at a connection that is another one in Playwright's event loop."""
    if not TreatmentType.objects.exists():
        import_module("tracker.migrations.0002_treatment_types").seed(apps, None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, started once for all tests."""
    from playwright.sync_api import sync_playwright

    executable = find_chromium()
    require(executable is not None, "no Chromium on this machine. On Debian: apt-get install chromium")
    # Playwright keeps an event loop in this thread; Django would take each query here for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: Any, live_server: Any, seeded: None) -> Iterator[Callable[..., Any]]:
    """Opens a page of its own, logged in as someone or not; a fault in a script or a foreign request fails the test.
    It comes without a service worker, which would fetch all it keeps anew for each test."""
    contexts, faults = [], []

    def open_page(path: str = "/", *, person: Person | None = None, **options: Any) -> Any:
        usual = SETTLED | {"viewport": {"width": 1280, "height": 900}, "service_workers": "block"}
        context = chromium.new_context(base_url=live_server.url, **(usual | options))
        context.set_default_timeout(30_000)  # the first page of a process loads all of Ebb
        contexts.append(context)
        if person:
            context.add_cookies([session_cookie(person, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("console", lambda said: faults.append(f"console: {said.text}") if is_refusal(said.text) else None)
        page.on("request", lambda asked: faults.append(f"asked {asked.url}") if is_foreign(asked.url) else None)
        page.goto(path)
        return page

    def is_foreign(url: str) -> bool:
        return not url.startswith((live_server.url, "data:", "blob:", "about:"))

    def is_refusal(text: str) -> bool:
        return "Content Security Policy" in text

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


def session_cookie(person: Person, url: str) -> dict[str, str]:
    client = Client()
    client.force_login(person.user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture
def axe() -> Callable[[Any], None]:
    """Fails with what an accessibility checker finds on the page as it is now. In the dark nothing but the colours
    differ, so nothing but their contrast is looked at once more."""
    from axe_playwright_python.base import AXE_SCRIPT

    def check(page: Any) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        in_the_light = page.evaluate(AXE, {"type": "tag", "values": AXE_TAGS})
        page.emulate_media(color_scheme="dark")
        in_the_dark = page.evaluate(AXE, {"type": "rule", "values": ["color-contrast"]})
        page.emulate_media(color_scheme="light")
        found = {"page": page.url, "light": in_the_light, "dark": in_the_dark}
        assert not in_the_light + in_the_dark, json.dumps(found, indent=1)

    return check
