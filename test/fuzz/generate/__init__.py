"""Random well-typed layers, compiled and compared with the reference evaluator."""
