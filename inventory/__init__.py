"""What exists, what is measured, what people declare. No network."""
