"""What drives a plan: the loop, callbacks, and what happens on an error."""
