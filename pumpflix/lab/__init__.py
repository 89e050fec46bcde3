"""Campaigns and their instruments. The product never imports this."""
