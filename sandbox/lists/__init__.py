"""What people watch: lists of securities and price alerts."""
