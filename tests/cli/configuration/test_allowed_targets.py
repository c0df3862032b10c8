"""What a config may name."""

from __future__ import annotations

import pytest

from tests.configured import check_command
from w2s.cli.check.requirements import requirements
from w2s.cli.configuration.allowed_targets import find_target
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
    with pytest.raises(ConfigError, match="no target"):
        find_target("w2s.detector", "detector")


@pytest.mark.parametrize(
    "name",
    [
        "w2s.results.provenance._git",
        "w2s.results.provenance.subprocess.run",
        "w2s.store.disk_errors.shutil.copyfile",
        "w2s.utils.files.Path",
        "w2s.utils.files.write_text",
        "w2s.results.files.write_results",
        "w2s.seeding.generator",
        "w2s.main.main",
    ],
)
def test_what_is_private_imported_or_no_choice_of_a_configuration_is_not_built(name: str) -> None:
    with pytest.raises(ConfigError, match=r"defined in w2s|no config choice|import"):
        find_target(name, "detector")


def test_an_allowed_package_does_not_allow_what_it_imports() -> None:
    with pytest.raises(ConfigError, match="import"):
        find_target("shutil.os.system", "detector", allowed=["shutil"])


@pytest.mark.parametrize(
    "override",
    [
        "detector._target_=w2s.results.provenance.versions",
        "+detector._args_=[1]",
        "+hydra.callbacks.x._target_=subprocess.run",
        "+hydra.callbacks.x._target_=w2s.results.provenance.versions",
        "+hydra.callbacks.x.y={_target_: os.getcwd}",
        "+hydra.launcher.x._target_=os.getcwd",
        "+hydra.job_logging.handlers.x.class=os.getcwd",
        "hydra.job_logging.handlers.console.class=subprocess.Popen",
    ],
)
@pytest.mark.parametrize("multirun", [False, True])
def test_nothing_foreign_is_built_of_a_command_nor_by_hydra(override: str, *, multirun: bool) -> None:
    command = ["study=transfer", "tracker=none", "debug=dryrun", override]
    with pytest.raises(ConfigError) as caught:
        check_command(command, multirun=multirun)
    assert len(str(caught.value).splitlines()) <= 3
    (finding, *_) = (each for each in requirements(command) if each.state == "missing")
    assert str(caught.value) in finding.text


@pytest.mark.parametrize(
    "override",
    [
        "setting=${oc.env:HOME}",
        "setting=${store.root}",
        "tags=['${oc.env:HOME}']",
        "hydra.job.name=${oc.env:HOME}",
        "hydra.sweep.subdir=${oc.env:HOME}",
    ],
)
def test_the_environment_does_not_get_into_names(override: str) -> None:
    with pytest.raises(ConfigError, match="holds an environment variable"):
        check_command(["study=transfer", "tracker=none", override])
