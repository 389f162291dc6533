"""Crews: who does the regions of a plan, for several epochs at once."""
