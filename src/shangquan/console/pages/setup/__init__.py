"""What the owner sets for the district: points, the official account, modules, and taking the data out."""
