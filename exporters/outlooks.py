"""`plan.db`: what the planner issued."""
