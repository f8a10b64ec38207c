"""Who may see the pages: users, sessions, and the gate before everything that is served."""
