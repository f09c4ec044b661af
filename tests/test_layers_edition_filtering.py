"""Filters as the map's links write them, on the edition of the invented district."""

from __future__ import annotations

import pytest
from web_edition import figures_edition

from layers.edition.filtering import left_out, parsed
from layers.edition.store import Store
from layers.model.errors import LayersError


@pytest.fixture(scope="module")
def store() -> Store:
    return Store(figures_edition())


def test_what_does_not_pass_is_left_out_and_what_shows_where_it_is_stays(store: Store) -> None:
    """Only the expressway has 交通局 as its lead unit, and lies in both zones; zones and townships stay."""
    out = left_out(store, "lead:%E4%BA%A4%E9%80%9A%E5%B1%80")
    assert "expressway/g1" not in out
    assert "hub/south" in out
    assert not any(one.startswith(("zone/", "township/")) for one in out)
    assert left_out(store, "") == frozenset()
    # Of values of one filter any will do; of two filters both must hold.
    assert {"expressway/g1", "hub/south"} & left_out(store, "zone:west,east") == set()
    assert "hub/south" in left_out(store, "zone:west;lead:交通局")


def test_a_claim_names_the_features_that_were_counted(store: Store) -> None:
    """“roads” was measured on the expressway."""
    out = left_out(store, "claim:roads")
    assert "expressway/g1" not in out
    assert "hub/south" in out


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour:red", "filter.unknown_field"),
        ("chapter", "filter.unknown_field"),
        ("chapter:", "filter.unknown_field"),
        ("status:flying", "filter.unknown_value"),
        ("lead:" + ",".join(map(str, range(41))), "filter.many"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(store: Store, text: str, key: str) -> None:
    with pytest.raises(LayersError) as found:
        left_out(store, text)
    assert found.value.key == key
    for lang in ("zh", "en"):
        assert found.value.message(lang)
        assert found.value.remedy(lang)


def test_values_keep_their_order_and_stand_once() -> None:
    assert parsed("zone:b,a,b;status:x") == {"zone": ("b", "a"), "status": ("x",)}
