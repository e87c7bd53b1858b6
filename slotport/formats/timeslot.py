"""timeslot"""
MEDIA_TYPE = ""
KEEPS = frozenset[str]()
def fits(head): return False
def read(chunks, options): yield from ()
def write(slots, options): yield from ()
