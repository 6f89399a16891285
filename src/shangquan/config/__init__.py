"""Room card: config (floor 15), the roof: settings, root addresses, the OpenAPI object, which connector fills which port."""
