"""Room card: points (floor 7), what members earn by spending and what points may pay."""
