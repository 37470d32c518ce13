"""What the template works out from the answers.

``project`` prints, with the help of ``printing``, what ``language`` has read. The arrows point in
that direction only; tests/test_rooms.py checks it.
"""
