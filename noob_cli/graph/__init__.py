"""What a tube is once its code is known: nodes and whose signals they take, their order, and when they are finished."""
