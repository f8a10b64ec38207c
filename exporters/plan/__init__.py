"""`plan.db`: what the planner issued, and how it turned out. One process writes (the planner); any process reads."""
