"""What is missing, and what a run will make."""
