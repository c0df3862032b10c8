"""Dealing points into the four roles."""
