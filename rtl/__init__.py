"""Amaranth components: device blocks, the engines, and the shell and link around them."""
