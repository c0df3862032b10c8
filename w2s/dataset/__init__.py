"""Where points come from: each choice loads the four roles of a data set."""
