"""Room card: demo (floor 14), the demo district 栖梧里.

Purpose     a believable mall: 5 floors, 40 merchants, products, campaigns, 800 members with 60 days that hang together.
Door        `python -m shangquan.demo.load` (once), `python -m shangquan.demo.connect` (each start).
Never       writes a table: everything goes through the actions that pages and API use, with the clock where it was.
"""
