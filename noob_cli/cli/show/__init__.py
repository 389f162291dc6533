"""What is shown of a tube: tables and drawings."""
