"""Training steps as CUDA graphs: a step of a small network is thousands of short kernels, and starting them one by one takes longer
than they do. A graph starts them all at once, so the step does not wait for the host, however busy that is.
"""
import gc

import torch


class NotRecorded(RuntimeError):
    """A step cannot be recorded. The process that tried must end: a capture that broke off leaves its random numbers unusable."""


class Step:
    """loss(*inputs) and the gradients of the parameters, recorded at the first call and replayed at all others.

    The loss is a tensor, or a tensor and a dictionary of further tensors to look at. All calls have inputs of the same shapes. Random
    numbers drawn by the loss are new in every replay. On a CPU nothing is recorded, nor anywhere with recorded=False.

    Steps of one training that never run at the same time can share their memory: pool is torch.cuda.graph_pool_handle() for all.
    """

    def __init__(self, parameters, loss, recorded=True, pool=None):
        self.parameters, self.loss, self.recorded, self.pool = list(parameters), loss, recorded, pool
        self.graph = self.inputs = self.result = None

    def __call__(self, *inputs):
        if not self.recorded or not inputs[0].is_cuda:
            return self.once(inputs)
        if self.graph is None:
            try:
                self.record(inputs)
            except Exception as e:
                raise NotRecorded(f"{type(e).__name__}: {e}") from e
        for kept, given in zip(self.inputs, inputs):
            kept.copy_(given)
        self.graph.replay()
        return self.result

    def once(self, inputs):
        for p in self.parameters:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        torch._foreach_zero_([p.grad for p in self.parameters])
        result = self.loss(*inputs)
        loss, seen = result if isinstance(result, tuple) else (result, None)
        loss.backward()
        return loss.detach() if seen is None else (loss.detach(), {name: value.detach() for name, value in seen.items()})

    def record(self, inputs):
        self.inputs = [x.clone() for x in inputs]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # what is compiled or chosen by measuring happens now
            for _ in range(3):
                self.once(self.inputs)
        torch.cuda.current_stream().wait_stream(side)
        gc.collect()  # a node of an earlier step that is still there would be waited for on that step's stream
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, pool=self.pool):
            self.result = self.once(self.inputs)


def compile_once_a_shape(forward):
    """The forward of a class as few kernels, compiled for every shape it is called with; equal parts share what is compiled."""
    from torch import _dynamo
    _dynamo.config.cache_size_limit = _dynamo.config.accumulated_cache_size_limit = 512
    return torch.compile(forward, dynamic=False)
