"""What the template works out from the answers: the schema language and its checks."""
