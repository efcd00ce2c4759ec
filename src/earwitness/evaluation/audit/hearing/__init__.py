"""A clip → what is known of it: header, sound, fingerprint; decoded once."""
