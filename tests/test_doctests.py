"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil
from types import ModuleType

import geo
import layers
import webmap


def modules() -> list[ModuleType]:
    names = [
        found.name
        for package in (geo, layers, webmap)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return [importlib.import_module(name) for name in names]


def test_examples_in_docstrings_are_true() -> None:
    told: list[str] = []
    tried = 0
    for module in modules():
        result = doctest.testmod(module, report=False, optionflags=doctest.ELLIPSIS)
        tried += result.attempted
        if result.failed:
            told.append(f"{module.__name__}: {result.failed} of {result.attempted} examples")
    assert tried > 60, "no examples were found"
    assert told == [], "run `python -m doctest -o ELLIPSIS` on them"
