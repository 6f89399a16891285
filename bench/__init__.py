"""`make bench`: hot paths beside the database's own limit."""
