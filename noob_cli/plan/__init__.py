"""The plan of a tube: the steps of one epoch, and the Python they are compiled to."""
