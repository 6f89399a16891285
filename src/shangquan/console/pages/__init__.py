"""One module for each subject, each with its own list of addresses that urls.py joins."""
