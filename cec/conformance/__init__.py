"""How the product fares with cases that others collected, beside the answers they expect."""
