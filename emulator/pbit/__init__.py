"""Probabilistic bits: golden models of the blocks of ``rtl/pbit``."""
