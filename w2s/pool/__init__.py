"""From a data set and two models to a labelled, encoded and partitioned pool."""
