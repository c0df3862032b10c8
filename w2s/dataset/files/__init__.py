"""Files that hold tables, whole or piece by piece."""
