"""The customer engagement centre.

The map of the house, from the ground up; every floor uses only what is below it:

    platform        database, clock, journal, due work, live events, texts
    feel            the expression language of diagrams and tables
    rulebook        judges decision tables
    workflow        runs process diagrams
    staff … distribution    the areas of a contact centre
    web | jobs      HTTP by workplace | the timetable
    cli, app        commands; what puts everything together
"""
