"""What people watch: lists of securities, price alerts, new issues."""
