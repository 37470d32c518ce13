"""What modules of models share: files, tables, batches, and rows that prove that answers are right."""
