"""The boards there are. A new board is its module and one line here."""

from spinloom.boards import icebreaker, tangnano9k, ulx3s

BOARDS = {b.name: b for b in (icebreaker.BOARD, ulx3s.BOARD, tangnano9k.BOARD)}
