"""Risk before it leaves the house: limits that staff set, and switches that stop trading at once."""
