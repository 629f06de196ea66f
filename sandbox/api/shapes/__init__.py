"""The vendor's resources, drawn from what the sandbox knows. Only documented fields; absent ones are left out."""
