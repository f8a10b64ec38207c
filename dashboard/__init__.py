"""What people see: pages, users, and the questions that pages may ask."""
