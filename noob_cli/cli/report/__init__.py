"""How what was found in tubes is written: one module per format."""
