"""Figures: the style they share, what each kind looks like, and which of them a run and a sweep have."""
