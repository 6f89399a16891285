"""Statements between the district and its merchants: periods, lines, disputes, payouts, files to take away."""
