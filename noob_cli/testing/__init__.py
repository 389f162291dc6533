"""Tests of tubes: files that say what a tube makes of some records."""

SUFFIXES = (".tube-test.yaml", ".tube-test.yml")
"""What the name of a file with tests ends with."""
