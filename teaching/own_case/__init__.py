"""Cases of the learner's own: a folder with a brief, data and programs, reviewed by running them."""
