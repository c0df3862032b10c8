"""From a command to its configuration, composed once."""

from __future__ import annotations

import contextlib
import copy
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from hydra.version import setbase
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from w2s.cli.configuration.hydra_internals import (
    ConfigLoaderImpl,
    Hydra,
    apply_overrides,
    create_config_search_path,
    get_overrides_dirname,
)
from w2s.cli.configuration.overrides import check_choices, parse, placed
from w2s.cli.configuration.paths import conf_folder
from w2s.cli.configuration.shared_choices import offer_shared_choices
from w2s.errors import ConfigError, require

LABEL_MODEL = "majority_vote"
"""The weak model of labelling functions, unless one is chosen."""
Command = tuple[str | None, tuple[str, ...], RunMode]
"""Name of the root configuration, overrides, and whether they are a sweep's."""


class Loader(ConfigLoaderImpl):
    """Hydra's loader, but each combination of choices is composed once, and values are set on copies of it.

    So a sweep of many jobs is checked quickly, a misspelt key is answered with the nearest one, and an argument that a file
    leaves out is set without a plus: in whatever process a launcher composes a job.
    """

    def __init__(self, search_path: ConfigSearchPath) -> None:
        super().__init__(search_path)
        self._kept: dict[Command, DictConfig] = {}
        self._bases: dict[Command, DictConfig] = {}
        self._overrides: dict[str, Override] = {}
        self._groups: dict[str, bool] = {}

    def keep(self, config_name: str, overrides: Sequence[str], run_mode: RunMode) -> DictConfig:
        """Compose for the checks; Hydra, which asks for the same afterwards, gets the same object.

        Raises:
            ConfigError: a choice, a key or a value that does not fit.
        """
        config = self._compose(config_name, tuple(overrides), run_mode)
        self._kept[config_name, tuple(overrides), run_mode] = config
        return config

    def load_configuration(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        from_shell: bool = True,  # noqa: ARG002, FBT001, FBT002
        validate_sweep_overrides: bool = True,  # noqa: ARG002, FBT001, FBT002
    ) -> DictConfig:
        """What Hydra calls, also for each job of a sweep; raises as `keep` does."""
        kept = self._kept.pop((config_name, tuple(overrides), run_mode), None)
        return self._compose(config_name, tuple(overrides), run_mode) if kept is None else kept

    def get_group_options(
        self,
        group_name: str,
        results_filter: ObjectType | None = ObjectType.CONFIG,
        config_name: str | None = None,
        overrides: list[str] | None = None,
    ) -> list[str]:
        """The choices of a group, at once where no override can add a folder: Hydra copies all that it knows first."""
        if overrides:
            return super().get_group_options(group_name, results_filter, config_name, overrides)
        return self.repository.get_group_options(group_name, results_filter)

    def _compose(self, config_name: str | None, overrides: tuple[str, ...], run_mode: RunMode) -> DictConfig:
        parsed = [self._parsed(override) for override in overrides]
        swept = tuple(f"{each.key_or_group}." for each in parsed if each.is_sweep_override())
        settled = [each for each in parsed if not each.is_sweep_override() and not _within(each, swept)]
        for override in parsed if run_mode is RunMode.RUN else ():
            several = "several values make a sweep. Add -m: python -m w2s.main -m ..."
            require(not override.is_sweep_override(), f"{override.input_line}: {several}")
        choices = [override for override in settled if self._chooses(override)]
        choices += self._implied(parsed, choices)
        try:
            base = self._base(config_name, choices, run_mode)
            values = [placed(override, base, self) for override in settled if override not in choices]
            config = copy.deepcopy(base)
            apply_overrides(values, config)
            _note(parsed, config)
        except (HydraException, OmegaConfBaseException) as error:
            raise ConfigError(_explanation(error)) from error
        except OSError as error:
            raise ConfigError(f"there is no configuration '{config_name}' that can be read ({error.strerror}).") from error
        return config

    def _base(self, config_name: str | None, choices: Sequence[Override], run_mode: RunMode) -> DictConfig:
        lines = tuple(override.input_line or "" for override in choices)
        if (config_name, lines, run_mode) not in self._bases:
            check_choices(choices, self)
            self._bases[config_name, lines, run_mode] = super().load_configuration(config_name, list(lines), run_mode)
        return self._bases[config_name, lines, run_mode]

    def _implied(self, overrides: Sequence[Override], choices: Sequence[Override]) -> list[Override]:
        """A label model where a person brings labelling functions and chooses no weak model."""
        own = any(each.key_or_group == "labelling_functions" and each.value() is not None for each in overrides)
        chosen = any(each.key_or_group == "weak_model" for each in (*overrides, *choices))
        return [self._parsed(f"weak_model={LABEL_MODEL}")] if own and not chosen else []

    def _parsed(self, override: str) -> Override:
        if override not in self._overrides:
            (self._overrides[override],) = parse([override], self)
        return self._overrides[override]

    def _chooses(self, override: Override) -> bool:
        """Whether an override picks from a config group; where more groups are looked for counts as such a choice."""
        group = override.key_or_group
        if group not in self._groups:
            self._groups[group] = group in ("hydra", "hydra.searchpath") or bool(self.get_group_options(group))
        return self._groups[group]


def _within(override: Override, groups: tuple[str, ...]) -> bool:
    """Whether it sets something inside one of the groups that a sweep chooses from: each job finds the place."""
    return bool(groups) and (override.package or override.key_or_group).startswith(groups)


def _note(overrides: Sequence[Override], config: DictConfig) -> None:
    """What Hydra writes of the overrides into its own node."""
    hydra = config.hydra
    own = [override for override in overrides if not override.is_hydra_override()]
    hydra.overrides.task = [override.input_line for override in own]
    hydra.overrides.hydra = [override.input_line for override in overrides if override.is_hydra_override()]
    shape = hydra.job.config.override_dirname
    hydra.job.override_dirname = get_overrides_dirname(own, shape.exclude_keys, shape.item_sep, shape.kv_sep)
    for name in hydra.job.env_copy:
        require(name in os.environ, f"hydra.job.env_copy={name}: there is no such environment variable.")
        hydra.job.env_set[name] = os.environ[name]


def _explanation(error: Exception) -> str:
    """Hydra's message in at most two lines, without its advice, which helps nobody here."""
    message = str(error).splitlines()[0]
    if isinstance(error.__cause__ or error.__context__, OmegaConfBaseException):
        message += f"\n{str(error.__cause__ or error.__context__).splitlines()[0]}"
    if message.startswith("Could not append"):
        message += "\nLeave the + out."
    if "Could not find 'hydra/" in message:
        message += "\nThe Hydra plugin that brings it is missing: install the extra that the choice's file names."
    return message


@contextlib.contextmanager
def session(config_dir: str | None = None) -> Iterator[Hydra]:
    """Hydra over our configuration, with a person's own `--config-dir` before it."""
    setbase("1.3")
    search_path = create_config_search_path(str(conf_folder()))
    folder = None if config_dir is None else Path(config_dir).absolute()
    if folder is not None:
        require(os.access(folder, os.R_OK | os.X_OK), f"--config-dir {config_dir}: there is no such folder.")
        search_path.prepend("command-line", f"file://{folder}", anchor=SearchPathQuery(provider="schema"))
    offer_shared_choices(folder)
    GlobalHydra.instance().clear()
    hydra = Hydra(task_name="main", config_loader=Loader(search_path))
    GlobalHydra.instance().initialize(hydra)
    try:
        yield hydra
    finally:
        GlobalHydra.instance().clear()


def _signature(*, _root_: DictConfig) -> str:
    from w2s.cli.configuration.signature import signature

    return signature(_root_)


def _sweep(*, _root_: DictConfig) -> str:
    """The folder of a sweep: its experiment, or its study."""
    choices = "hydra.runtime.choices"
    return str(OmegaConf.select(_root_, f"{choices}.experiment") or OmegaConf.select(_root_, f"{choices}.study"))


def _job(*, _root_: DictConfig) -> str:
    """What the log of a sweep's job begins its lines with: its number."""
    number = OmegaConf.to_container(_root_.hydra.job, resolve=False).get("num", "???")  # type: ignore[union-attr]
    return "" if number == "???" or number is None else f"#{number} "


# here, since whoever composes a job imports this: also the process of a launcher that is handed a `Loader`
OmegaConf.register_new_resolver("w2s.signature", _signature, replace=True, use_cache=False)
OmegaConf.register_new_resolver("w2s.job", _job, replace=True, use_cache=False)
OmegaConf.register_new_resolver("w2s.sweep", _sweep, replace=True, use_cache=False)
