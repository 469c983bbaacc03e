"""The contract, the golden models and the device physics. Imports nothing of ours but itself."""
