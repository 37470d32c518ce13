"""What is the same in every project, whatever its model."""
