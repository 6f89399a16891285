"""The phone of a sandbox person."""
