"""The schema language: text in, fields out, and one clear line where the text is wrong."""
