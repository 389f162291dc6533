"""A tube and its run as a page in the browser."""
