"""The processes of a server, and what they have in common."""
