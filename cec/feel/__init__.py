"""FEEL, the expression language of the DMN standard: literals, unary tests, conditions, dates, durations."""
