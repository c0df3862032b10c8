import json
import subprocess
import sys

from threadpoolctl import threadpool_info, threadpool_limits

from w2s.utils.threads import limited


def pools() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if "torch" not in pool["filepath"]}


def test_inside_the_block_every_pool_has_the_given_number_and_afterwards_its_own_again() -> None:
    with limited(2):  # loads every pool
        pass
    with threadpool_limits(limits=2):
        before = pools()
        with limited(1):
            assert pools() == {1}
        assert pools() == before


FRESH_PROCESS = """
import json
from threadpoolctl import threadpool_info
from w2s.utils.threads import limited
with limited(1):
    from sklearn.decomposition import PCA
    print(json.dumps([pool["num_threads"] for pool in threadpool_info()]))
"""


def test_libraries_that_are_first_used_inside_the_block_are_limited_too() -> None:
    done = subprocess.run([sys.executable, "-c", FRESH_PROCESS], capture_output=True, text=True, check=True, env={})
    found = json.loads(done.stdout)
    assert len(found) >= 2
    assert set(found) == {1}
