"""Pretrained checkpoints: what lies in them, whether it may be read, and the network that is loaded."""
