from importlib.metadata import entry_points

from w2s.main import main


def test_the_console_script_is_this_program() -> None:
    (script,) = entry_points(group="console_scripts", name="w2s")
    assert script.load() is main
