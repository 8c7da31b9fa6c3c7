"""The faults: a closed set of frozen values. What each does is in the module of its kind."""
