"""The client of the REST API: records in, records out. ``earwitness.client`` is its front door."""
