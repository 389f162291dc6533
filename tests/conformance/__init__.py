"""The contract of the tube language, sentence by sentence: what it says, a tube that shows it, what comes out."""
