"""How what was found is scored, fused and put in order."""
