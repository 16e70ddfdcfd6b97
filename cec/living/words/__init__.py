"""What the people of the living centre say, in files of their own: names, conversations, answers."""
