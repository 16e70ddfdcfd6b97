"""The customer engagement centre.

The map of the house, from the ground up; every floor uses only what is below it:

    platform        database, clock, journal, due work, live events, texts
    feel            the expression language of diagrams and tables
    dmn             reads, checks and runs decision tables
    rulebook        which tables there are, and what they say now
    workflow        runs process diagrams
    staff … distribution    the areas of a contact centre
    web | jobs | demo       HTTP by workplace | the timetable | the demo centre
    preparing | launching   tables and shipped files before work | all processes under one parent
    checks | measuring      what `cec check` looks at | the figures
    cli, app, __main__      commands; what puts everything together; the way in
"""
