import pytest

from tracker.domain.beside import (
    ANCHORS,
    ASKED,
    ASKED_AT_FIRST,
    EASED_BY,
    TRIGGERS,
    NotOnTheList,
    asked_at_first,
    in_order,
)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(["moon"], id="no such key"),
        pytest.param([""], id="an empty key"),
        pytest.param(["sitting", "sitting"], id="the same twice"),
        pytest.param(["sitting", "moon"], id="one of two"),
    ],
)
def test_a_key_that_is_not_there_or_comes_twice_is_refused(keys):
    with pytest.raises(NotOnTheList):
        in_order(keys, TRIGGERS)


def test_keys_come_in_the_order_of_their_list():
    assert in_order(["weather", "sitting"], TRIGGERS) == ("sitting", "weather")
    assert in_order((), TRIGGERS) == ()


@pytest.mark.parametrize("offered", [ASKED, ASKED_AT_FIRST, TRIGGERS, EASED_BY], ids=len)
def test_no_key_is_on_a_list_twice(offered):
    assert len(offered) == len(set(offered))


def test_what_is_asked_at_first_can_be_asked_and_is_never_shared():
    assert set(ASKED_AT_FIRST) <= set(ASKED)
    assert asked_at_first() is not asked_at_first()


def test_every_rating_says_what_its_ends_mean():
    assert set(ANCHORS) <= set(ASKED)
    assert ANCHORS == {
        "interference": ("not at all", "completely"),
        "sleep": ("very badly", "very well"),
        "mood": ("very low", "very good"),
    }
