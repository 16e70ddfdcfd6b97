"""All dealings with SpiffWorkflow: parser, expressions, clock, running, storing; nobody else imports it.

SpiffWorkflow decides what happens next; everything else lies in our own tables. It is pinned, its underscore names
are used in this folder only, and the equivalence walks of the tests compare what we do with what it does by itself.
"""
