"""Beginning a tube: the files of a new one, or those of a sample."""
