"""Files, progress bars, threads, the hub: what any room may use."""
