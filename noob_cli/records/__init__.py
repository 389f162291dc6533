"""Records in: the inputs of each epoch, read from files and pipes."""
