"""What is kept out: the verdict on a message before anything else happens."""
