"""The processes of one training, one on each GPU; one process alone is a team of one.

    torchrun --nproc-per-node 2 train.py pictures unet …     # one process a GPU; without torchrun: alone

All take the same steps: gradients are averaged, and the first process says when a part is over.
"""
import os

import torch
import torch.distributed as dist


class Team:
    def __init__(self):
        self.rank, self.count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        if not torch.cuda.is_available():
            self.device = "cpu"
        else:
            self.device = f"cuda:{os.environ.get('LOCAL_RANK', 0)}"
            torch.cuda.set_device(self.device)
        if self.count > 1:
            dist.init_process_group("nccl" if self.device != "cpu" else "gloo")

    @property
    def first(self):
        return self.rank == 0

    def average(self, parameters):
        """Every process's gradients become their mean, in one transfer."""
        if self.count == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        flat /= self.count
        parts = flat.split([g.numel() for g in gradients])
        torch._foreach_copy_(gradients, [part.view_as(g) for part, g in zip(parts, gradients)])

    def agreed(self, numbers):
        """What the first process says."""
        if self.count == 1:
            return numbers
        told = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        dist.broadcast(told, 0)
        return told.tolist()

    def together(self):
        if self.count > 1:
            dist.barrier()

    def close(self):
        if self.count > 1:
            dist.destroy_process_group()
