"""The verbs of the command line, a module for each thing that they act on."""
