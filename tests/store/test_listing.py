from w2s.store import Store
from w2s.store.listing import holdings


def test_how_a_checkpoint_was_read_is_told_without_what_is_usual(store: Store) -> None:
    (held,) = holdings(store)
    assert held.settings == ["last", "layers [-1]", "prompt 'Q: {text}'"]
