"""What a decision's questions cost, against the chain of calls one would write first."""
