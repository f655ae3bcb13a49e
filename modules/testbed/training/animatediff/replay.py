"""Training steps as CUDA graphs: a step of the small UNet is thousands of short kernels, and starting them one by one takes longer
than they do. A graph starts them all at once, so the step does not wait for the host, however busy that is.
"""
import torch


class Step:
    """loss(*inputs) and the gradients of the parameters, recorded at the first call and replayed at all others.

    All calls have inputs of the same shapes. Random numbers drawn by the loss are new in every replay. On a CPU nothing is recorded.
    """

    def __init__(self, parameters, loss):
        self.parameters, self.loss = list(parameters), loss
        self.graph = self.inputs = self.result = None

    def __call__(self, *inputs):
        if not inputs[0].is_cuda:
            return self.once(inputs)
        if self.graph is None:
            self.record(inputs)
        for kept, given in zip(self.inputs, inputs):
            kept.copy_(given)
        self.graph.replay()
        return self.result

    def once(self, inputs):
        for p in self.parameters:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        torch._foreach_zero_([p.grad for p in self.parameters])
        loss = self.loss(*inputs)
        loss.backward()
        return loss.detach()

    def record(self, inputs):
        self.inputs = [x.clone() for x in inputs]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):  # what is compiled or chosen by measuring happens now
            for _ in range(3):
                self.once(self.inputs)
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.result = self.once(self.inputs)
