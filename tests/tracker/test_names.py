"""Every key of a closed list has a name that translators are shown."""

import ast
import inspect
from types import ModuleType

import pytest
from django.utils import translation

from tracker.domain import beside, sites
from tracker.models import names
from tracker.web.forms.beside import MEANINGS


def marked(module: ModuleType) -> set[str]:
    """What xgettext finds: texts as they stand inside `_(…)`."""
    found = ast.walk(ast.parse(inspect.getsource(module)))
    calls = (node for node in found if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_")
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


@pytest.mark.parametrize(
    ("keys", "choices"),
    [
        pytest.param(beside.TRIGGERS, names.TRIGGERS, id="triggers"),
        pytest.param(beside.EASED_BY, names.EASED_BY, id="what eased it"),
        pytest.param(beside.ASKED, names.ASKED, id="questions"),
        pytest.param([key for key, _ in sites.SITES], names.SITES, id="sites"),
        pytest.param([key for key, _ in sites.QUALITIES], names.QUALITIES, id="qualities"),
    ],
)
def test_every_key_has_a_name_of_its_own_in_the_order_of_the_list(keys, choices):
    assert [key for key, _name in choices] == list(keys)
    called = [str(name) for _key, name in choices]
    assert len(called) == len(set(called)) and all(called)


def test_every_question_says_what_it_means():
    assert list(MEANINGS) == list(beside.ASKED)


def test_every_name_of_the_body_and_of_a_scale_is_marked_for_translation():
    called = (
        {site.name for site in sites.BODY} | set(sites.GROUP_NAMES.values()) | {name for _, name in sites.QUALITIES}
    )
    assert called <= marked(sites)
    assert {end for ends in beside.ANCHORS.values() for end in ends} <= marked(beside)


def test_every_site_is_in_one_group():
    assert [site for _group, places in names.SITE_GROUPS for site in places] == list(names.SITES)


def test_a_name_is_translated_when_it_is_shown(monkeypatch):
    monkeypatch.setattr(translation._trans, "gettext", lambda words: f"¡{words}!", raising=False)
    assert str(names.SITE_NAMES["neck_left"]) == "¡Neck, left!"
    assert str(names.TRIGGER_NAMES["stress"]) == "¡stress!"
