"""What Hydra finds by itself: the sweeper that resumes and sums up, and launchers."""
