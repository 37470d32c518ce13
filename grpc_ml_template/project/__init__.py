"""What the templates print, worked out from the answers."""
