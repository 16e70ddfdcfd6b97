"""All functions of the standard in one table: nothing else can be called by name."""

from cec.feel import calendars, contexts, conversions, lists, numbers, patterns, spans, texts  # noqa: F401 - each fills the table
from cec.feel.functions import TABLE

__all__ = ["TABLE"]
