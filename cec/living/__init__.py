"""The living centre: clients and colleagues who come and go through the ordinary doors, for demos and rehearsals."""
