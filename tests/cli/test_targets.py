"""What a config may name."""

from __future__ import annotations

import pytest

from w2s.cli.targets import find_target
from w2s.detector import NoDetector
from w2s.errors import ConfigError


def test_a_dotted_name_is_the_class_it_names() -> None:
    assert find_target("w2s.detector.NoDetector", "detector") is NoDetector


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "w2sx.Thing", "subprocess.run"])
def test_a_target_outside_the_package_is_refused_and_the_way_to_allow_it_is_said(name: str) -> None:
    with pytest.raises(ConfigError, match=r"allow_targets=\["):
        find_target(name, "detector")


def test_a_persons_own_package_is_built_once_it_is_allowed() -> None:
    assert find_target("collections.Counter", "detector", allowed=["collections"]).__name__ == "Counter"


def test_an_allowed_package_does_not_allow_packages_whose_names_begin_alike() -> None:
    with pytest.raises(ConfigError):
        find_target("collectionsx.Counter", "detector", allowed=["collections"])


def test_a_misspelt_class_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'NoDetector'"):
        find_target("w2s.detector.NoDetectr", "detector")


def test_a_module_is_no_target() -> None:
    with pytest.raises(ConfigError, match="no class or function"):
        find_target("w2s.detector", "detector")
