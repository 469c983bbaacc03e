"""CRC-32 of ISO 3309, lowest bit first, as word operations: a simulator is as quick with them as a
synthesiser is thrifty."""

from amaranth.hdl import Const, Mux

POLYNOMIAL = 0xEDB88320
START = 0xFFFFFFFF
RESIDUE = 0xDEBB20E3  # the register after a frame and its CRC; the CRC sent is the complement


def advanced(check, bits):
    """The register (32 bits) after the bits of ``bits``, the lowest first."""
    for bit in bits:
        check = check[1:] ^ Mux(check[0] ^ bit, Const(POLYNOMIAL, 32), 0)
    return check
