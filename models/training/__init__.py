"""Training of Obscura's own networks; README.md tells how."""
