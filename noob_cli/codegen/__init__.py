"""Code generation: a plan as Python."""
