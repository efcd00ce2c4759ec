"""Networks as they are run: the same scores from less work; large products in bfloat16 if asked.

``preparing.prepared`` makes the lean twin of any network; the other files hold the parts that it
puts in the place of known ones. Nothing here is trained, and nothing of it is stored.
"""
