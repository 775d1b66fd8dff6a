"""What the business of a lead does, by its own site: whom to dial, which page counts, what it says."""
