"""Room card: journeys (floor 12), what happens across rooms when an event is published.

Purpose     the table of reactions; each delivered, retried and effective once on its own.
Words       Journey 旅程, reaction 反应.
Owns        no table. Read `reactions.py` from top to bottom: it is the table of contents of the district's life.
Door        none: nobody calls a journey.
Events      hears all, publishes none of its own.
Never       decides a rule (that is the room's); calls outside (it enqueues what does); breaks an invariant if it is late.
"""
