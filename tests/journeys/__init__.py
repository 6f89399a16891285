"""Acceptance examples that cross rooms: real tables, real doors, real reactions, and the sandbox where WeChat takes part."""
