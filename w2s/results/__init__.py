"""What a run records and leaves on disk."""
