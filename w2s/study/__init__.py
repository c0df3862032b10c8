"""What can be asked of a data set and a pair of models."""
