"""Mutual funds: orders that are collected during the day and traded at the one price of its evening."""
