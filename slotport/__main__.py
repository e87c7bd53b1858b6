"""``python -m slotport`` is ``slotport``."""

from slotport.cli import main

if __name__ == "__main__":
    main()
