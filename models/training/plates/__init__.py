"""The detector of license plates."""
