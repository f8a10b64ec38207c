"""The program: the verbs of the command line, what runs beside what, and a demo estate."""
