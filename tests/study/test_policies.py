"""What studies ask of policies."""

from __future__ import annotations

from functools import partial

import pytest

import w2s.policy
from w2s.errors import ConfigError
from w2s.policy import UCB
from w2s.study.policies import check_policy, policy_name


def test_policies_are_called_what_their_configuration_calls_them() -> None:
    for name in w2s.policy.__all__:
        policy = getattr(w2s.policy, name)
        assert policy_name(policy) == policy_name(partial(policy)) == policy.name


def test_wrong_arguments_are_refused_before_there_is_a_problem() -> None:
    check_policy(partial(UCB, bonus=2.0))
    with pytest.raises(ConfigError, match="bonus=-1"):
        check_policy(partial(UCB, bonus=-1.0))
