"""A reference interpreter for tubes, and what it takes to compare a runner with it."""
