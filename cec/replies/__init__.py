"""Ready words: templates of answers, shared by all or one's own, and which of them are used for what."""
