import json
from pathlib import Path

import numpy as np
import pytest

from tests.store.test_embedding_cache import Computer, expected, many
from w2s.store import EmbeddingCache
from w2s.store.input_hashes import HASH_BYTES
from w2s.store.vector_shard import DamagedShardError, open_shard


@pytest.mark.parametrize(
    "shape", [(10**18, 3), (20, 10**18), (-20, 3), (20, 0), (20.0, 3), (True, 3), ("20", 3), (20,), None]
)
def test_a_header_that_names_an_impossible_shape_is_damaged(tmp_path: Path, shape: object) -> None:
    inputs = many(20)
    EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    (path,) = tmp_path.glob("*.safetensors")
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end]) | {"vectors": {"dtype": "F32", "shape": shape, "data_offsets": [0, 240]}}
    crafted = json.dumps(header).encode()
    path.write_bytes(len(crafted).to_bytes(8, "little") + crafted + content[end:])
    with pytest.raises(DamagedShardError):
        open_shard(path, tmp_path.name)


def test_a_shard_is_a_safetensors_file_that_names_its_key(tmp_path: Path) -> None:
    from safetensors import safe_open

    inputs = many(20)
    EmbeddingCache(tmp_path).get_or_compute(inputs, Computer(inputs))
    (path,) = tmp_path.glob("*.safetensors")
    with safe_open(path, framework="np") as opened:
        assert opened.metadata() == {"key": tmp_path.name}
        hashes = opened.get_tensor("inputs").tobytes()
        vectors = opened.get_tensor("vectors")
    np.testing.assert_array_equal(vectors, expected(np.frombuffer(hashes, dtype=f"S{HASH_BYTES}")))
