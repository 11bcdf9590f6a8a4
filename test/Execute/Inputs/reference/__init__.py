"""The layers in numpy, written from the papers' equations: the compiler and its evaluator have no part in them."""
