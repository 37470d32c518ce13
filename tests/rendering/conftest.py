"""What pytest leaves alone: the projects in golden/ have tests of their own."""

collect_ignore = ["golden"]
