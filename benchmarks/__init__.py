"""The generated service beside its peers: one command, the same work for all."""
