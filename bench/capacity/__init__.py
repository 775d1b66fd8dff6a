"""What machines a business needs: measured figures, committed, and what follows of them for `docs/capacity.md`."""
