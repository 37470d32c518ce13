"""What all readers share: what they say of a source, and how files are opened within bounds."""
