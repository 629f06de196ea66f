"""The REST interface of the vendor, as its published contract describes it."""
