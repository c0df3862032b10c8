"""From the words of a command to a configuration that is checked, and to objects."""
