"""What the networks have in common: body, augmentation, losses, the training loop, export."""
