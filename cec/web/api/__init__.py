"""The public API, /api/v1: what programs of others read and do; each route asks for a key that opens it."""
