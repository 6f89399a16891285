"""智慧商圈: one member, one coupon ledger, one currency of points, one payment core for a whole district."""
