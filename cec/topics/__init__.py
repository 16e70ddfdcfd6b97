"""What appeals are about: a tree that operators pick from."""
