"""Holds the source against docs/decisions and the habits of the house: who may import whom, and what is never written."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignObject

ROOT = Path(__file__).parent.parent
APPS = ("config", "tracker", "assessments")

# Each layer may import from itself and from these. The first layer whose name begins a module's name is its own.
MAY_IMPORT = {
    "assessments.engine": set(),
    "assessments.models": {"assessments.engine"},
    "assessments.services": {"assessments.engine", "assessments.models"},
    "assessments.web": {"assessments.engine", "assessments.models", "assessments.services"},
    "assessments.api": {"assessments.engine", "assessments.models", "assessments.services"},
    "assessments.management": {"assessments.engine", "assessments.models", "assessments.services"},
    "assessments.migrations": {"assessments.models"},
    "assessments.templatetags": {"assessments.engine"},
    "assessments": {"assessments.engine", "assessments.models", "assessments.services"},
    "tracker.domain": set(),
    "tracker.models": {"tracker.domain"},
    "tracker.emails": {"tracker.domain", "tracker.models"},
    "tracker.services": {
        "tracker.domain",
        "tracker.models",
        "tracker.emails",
        "assessments.engine",
        "assessments.services",
    },
    "tracker.web": {"tracker.domain", "tracker.models", "tracker.services", "assessments.services"},
    "tracker.api": {"tracker.domain", "tracker.models", "tracker.services", "assessments.services"},
    "tracker.tasks": {"tracker.services"},
    "tracker.management": {"tracker.domain", "tracker.models", "tracker.services", "assessments.services"},
    "tracker.migrations": {"tracker.domain", "tracker.models"},
    "tracker.templatetags": {"tracker.domain", "tracker.web"},
    "tracker": {"tracker.domain", "tracker.models", "tracker.services"},
    "config": {"tracker", "assessments"},
}
# The pure packages: beside the standard library, these and nothing else.
PURE = {"assessments.engine": (), "tracker.domain": ("numpy", "scipy.special")}

OUTER_LAYERS = ("web", "api", "tasks.py", "management")


def modules() -> list[Path]:
    return sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))


def templates() -> list[Path]:
    return sorted(path for app in APPS for path in (ROOT / app).rglob("templates/**/*.html"))


def page_templates() -> list[Path]:
    """Without mails, whose styles are written into the elements because mail programs read no other."""
    return [path for path in templates() if not {"mail", "mails", "email", "emails"} & set(path.parts)]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> str:
    candidates = [layer for layer in MAY_IMPORT if module == layer or module.startswith(layer + ".")]
    return max(candidates, key=len)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def imports(tree: ast.AST, *, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported anywhere in the tree, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".")[: None if is_package and node.level == 1 else -node.level + is_package]
                base = ".".join([*parents, base] if base else parents)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def forbidden_imports(source: str, *, module: str, is_package: bool = False) -> list[str]:
    layer = layer_of(module)
    found = []
    for line, name in imports(ast.parse(source), module=module, is_package=is_package):
        top = name.split(".")[0]
        if top in APPS:
            target = layer_of(name)
            is_allowed = target == layer or any(is_within(target, allowed) for allowed in MAY_IMPORT[layer])
        elif layer in PURE:
            is_allowed = top in sys.stdlib_module_names or any(is_within(name, known) for known in PURE[layer])
        else:
            is_allowed = True
        if not is_allowed:
            found.append(f"{module}:{line} imports {name}")
    return found


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def forbidden_calls(source: str, *, path: Path) -> list[str]:
    where = path.relative_to(ROOT)
    is_outer = where.parts[0] in ("tracker", "assessments") and where.parts[1] in OUTER_LAYERS
    found = []
    for call in calls(ast.parse(source)):
        owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        words = {keyword.arg for keyword in call.keywords}
        if method(call) in ("delay", "apply_async", "send_task"):
            found.append(f"{where}:{call.lineno} starts a task before the commit: use delay_on_commit")
        if method(call) == "delay_on_commit" and not is_outer:
            found.append(f"{where}:{call.lineno} starts a task from an inner layer")
        if words & {"eta", "countdown"}:
            found.append(f"{where}:{call.lineno} plans in the broker: what is due stands in the database")
        if method(call) in ("now", "utcnow", "today") and owner.split(".")[-1] in ("datetime", "date"):
            found.append(f"{where}:{call.lineno} reads a clock of its own: use django.utils.timezone")
        if ast.unparse(call.func).split(".")[-1] in ("mark_safe", "SafeString"):
            found.append(f"{where}:{call.lineno} trusts a string: use format_html or a template")
    return found


def patient_owned() -> set[str]:
    """Names of the models that lead to a patient or a user by foreign keys."""
    from tracker.models import Patient, User

    owned: set[type] = {Patient, User}
    ours = [model for app in ("tracker", "assessments") for model in apps.get_app_config(app).get_models()]
    while True:
        more = {
            model
            for model in ours
            for field in model._meta.get_fields()
            if isinstance(field, ForeignObject) and field.related_model in owned
        }
        if more <= owned:
            return {model.__name__ for model in owned - {User}}
        owned |= more


def unowned_reads(source: str, *, where: str, owned: set[str]) -> list[str]:
    tree = ast.parse(source)
    # `Model.objects.none()` only names the kind of row, for the API's schema.
    harmless = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "none"}
    managers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and id(node) not in harmless
        and node.attr in ("objects", "_default_manager", "_base_manager")
        and ast.unparse(node.value).split(".")[-1] in owned
    ]
    shortcuts = [
        call
        for call in calls(tree)
        if ast.unparse(call.func).split(".")[-1] in ("get_object_or_404", "get_list_or_404")
        and ast.unparse(call.args[0]).split(".")[-1] in owned
    ]
    return [f"{where}:{node.lineno} reaches rows past the patient" for node in [*managers, *shortcuts]]


def test_everyone_imports_inwards_only() -> None:
    found = [
        words
        for path in modules()
        for words in forbidden_imports(path.read_text(), module=name_of(path), is_package=path.name == "__init__.py")
    ]
    assert not found, "\n".join(found)


def test_nothing_plans_in_the_broker_trusts_strings_or_reads_its_own_clock() -> None:
    found = [words for path in modules() for words in forbidden_calls(path.read_text(), path=path)]
    assert not found, "\n".join(found)


def test_pages_and_api_reach_rows_through_the_patient() -> None:
    owned = patient_owned()
    found = [
        words
        for path in modules()
        if {"web", "api"} & set(path.relative_to(ROOT).parts)
        for words in unowned_reads(path.read_text(), where=str(path.relative_to(ROOT)), owned=owned)
    ]
    assert not found, "\n".join(found)


FORBIDDEN_IN_TEMPLATES = {
    "trusts a string": re.compile(r"\|\s*safe(seq)?\b|{%\s*autoescape\s+off"),
    "has an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "has an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "has a javascript: address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
}
FORBIDDEN_IN_PAGES = {
    "has an inline style": re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.IGNORECASE),
    "asks a foreign host": re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//"),
}


def test_templates_trust_no_string_and_hold_no_script() -> None:
    found = [
        f"{path.relative_to(ROOT)} {fault}"
        for path in templates()
        for fault, pattern in FORBIDDEN_IN_TEMPLATES.items()
        if pattern.search(path.read_text())
    ]
    assert not found, "\n".join(found)


def test_pages_hold_no_style_and_ask_no_foreign_host() -> None:
    found = [
        f"{path.relative_to(ROOT)} {fault}"
        for path in page_templates()
        for fault, pattern in FORBIDDEN_IN_PAGES.items()
        if pattern.search(path.read_text())
    ]
    assert not found, "\n".join(found)


# The guards themselves: each must catch what it is for.


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("tracker.domain.pain", "import django", id="the domain knows no framework"),
        pytest.param("tracker.domain.verdict", "import scipy.stats", id="the domain loads no heavy statistics"),
        pytest.param("tracker.models.pain", "from tracker.services import pain_log", id="models know no services"),
        pytest.param("tracker.services.pain_log", "from tracker import tasks", id="services start no tasks"),
        pytest.param("tracker.services.pain_log", "def f():\n    import tracker.tasks", id="also not in a function"),
        pytest.param("tracker.services.pain_log", "from .. import web", id="also not by a relative import"),
        pytest.param("tracker.web.views.today", "from tracker.api import views", id="web and API are strangers"),
        pytest.param("tracker.tasks", "from tracker.models import Tick", id="tasks call services"),
        pytest.param("assessments.services", "from tracker.models import Patient", id="knowledge knows no patient"),
        pytest.param("tracker.web.views.today", "from config import settings", id="settings come through django.conf"),
    ],
)
def test_an_outward_import_is_caught(module: str, source: str) -> None:
    assert forbidden_imports(source, module=module)


@pytest.mark.parametrize(
    "source",
    [
        "drain.delay()",
        "drain.apply_async()",
        "drain.delay_on_commit()",
        "drain.s().set(countdown=5)",
        "datetime.now()",
        "datetime.datetime.now(UTC)",
        "date.today()",
        "mark_safe(x)",
    ],
)
def test_a_forbidden_call_is_caught(source: str) -> None:
    assert forbidden_calls(source, path=ROOT / "tracker" / "services" / "pain_log.py")


def test_a_nudge_after_the_commit_is_fine_in_a_view() -> None:
    assert not forbidden_calls("drain.delay_on_commit()", path=ROOT / "tracker" / "web" / "views" / "today.py")


@pytest.mark.parametrize("source", ["PainEntry.objects.all()", "get_object_or_404(models.Verdict, pk=1)"])
def test_a_read_past_the_patient_is_caught(source: str) -> None:
    assert unowned_reads(source, where="view", owned=patient_owned())


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("trusts a string", "{{ note|safe }}"),
        ("has an inline script", "<script>alert(1)</script>"),
        ("has an event handler", '<a href="/" onclick="go()">'),
        ("has an inline style", '<p class="x" style="color:red">'),
        ("asks a foreign host", '<script src="https://cdn.example.org/x.js"></script>'),
    ],
)
def test_a_fault_in_a_template_is_caught(fault: str, text: str) -> None:
    assert (FORBIDDEN_IN_TEMPLATES | FORBIDDEN_IN_PAGES)[fault].search(text)
