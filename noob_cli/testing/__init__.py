"""Tests of tubes: files that say what a tube makes of some records."""
