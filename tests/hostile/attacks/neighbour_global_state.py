"""Property: default dtype, gradients, threads, seeds and warnings of a neighbour are nobody else's."""
import random, torch, warnings

torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
torch.manual_seed = lambda *a: None
random.seed = lambda *a: None
warnings.filterwarnings("error")
torch.Tensor.__add__ = lambda a, b: a
def answer(clue): return 0.0
