"""The people and shops of the district: members, merchants with stores and goods, staff, devices, the audit."""
