"""The workshop: everything that is a torch network. Waveforms in, one raw score a row out."""
