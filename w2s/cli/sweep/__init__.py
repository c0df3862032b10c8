"""Many runs: the plan, what launchers share, the summary."""
