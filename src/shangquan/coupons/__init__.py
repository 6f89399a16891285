"""Room card: coupons (floor 8), campaigns, members' pieces and their use."""
