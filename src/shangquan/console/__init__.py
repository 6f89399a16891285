"""Room card: console (near the top), the operator's and the merchants' pages.

Purpose     one look, two scopes: whose data it is stands top left; a merchant's staff see their own rows only.
Words       frame 框架, menu 菜单, view 视图, finding 发现, task 待办.
Owns        no table; pages ask doors and call actions of the rooms below.
Door        urls.py under /console/; frame.show(), writing.perform() for this room's own pages.
Events      none.
Never       touches another room's models, decides a rule, or writes outside an action.
"""
