"""One run: its folder, its signature, the job."""
