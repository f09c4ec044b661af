"""One test over many cases tells of all that fail, and of none when there is nothing to try."""

import pytest
from cases import every


def test_all_offenders_are_listed_by_name() -> None:
    tried = []

    @every("number", range(10), ids=lambda number: f"case {number}")
    def check(number: int) -> None:
        tried.append(number)
        assert number % 2 == 0

    with pytest.raises(AssertionError) as error:
        check()
    assert tried == list(range(10))
    assert [f"case {number}:" in str(error.value) for number in range(10)] == [False, True] * 5


def test_an_error_is_an_offence_too() -> None:
    @every(("one", "other"), [(1, 0), (1, 1), pytest.param(1, 0, id="by nothing")])
    def check(one: int, other: int) -> None:
        assert one / other

    with pytest.raises(AssertionError, match=r"1, 0: ZeroDivisionError(?s:.*)by nothing: ZeroDivisionError"):
        check()


def test_nothing_to_look_at_is_a_fault() -> None:
    @every("number", [])
    def check(number: int) -> None:
        del number

    with pytest.raises(AssertionError, match="nothing to look at"):
        check()


@every("number", [1, 2])
def test_fixtures_are_given(number: int, request: pytest.FixtureRequest) -> None:
    assert request.node.name == "test_fixtures_are_given"
    assert number
