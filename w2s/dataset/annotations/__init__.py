"""What others say of the points: labelling functions, annotators, somebody else's model."""
