"""First floor: runs process diagrams; knows no diagram and no area by name."""
