"""The till's pages: which till, what it shows, and the lists beside it."""
