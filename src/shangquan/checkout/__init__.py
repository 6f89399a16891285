"""Room card: checkout (floor 9), the bill from its priced lines to paid and refunded."""
