"""Text and layout that several templates need."""
