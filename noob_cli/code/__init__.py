"""What is known of the user's Python: finding it, its signatures, its marks, and the public package's names."""
