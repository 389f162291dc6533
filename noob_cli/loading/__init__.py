"""From the document of a tube, and of those nested in it, to what can be run, or to what is wrong with it."""
