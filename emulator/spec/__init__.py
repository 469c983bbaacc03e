"""The contract: what two places must agree on, written once. Plain data, no behaviour of a
device."""
