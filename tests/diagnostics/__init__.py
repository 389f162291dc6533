"""Broken tubes, each with the place of what is wrong with it, and good ones that are nearly the same."""
