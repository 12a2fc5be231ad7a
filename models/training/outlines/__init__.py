"""The network that outlines the object of a box."""
