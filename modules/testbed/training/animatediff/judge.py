"""A network that names what a clip shows: from text alone a clip cannot be compared with a rendering pixel by pixel."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from data import ACTIONS, unit

NOUNS = ["ring", "watch", "cat", "fish", "apple", "mushroom", "person", "star", "heart", "circle", "square", "triangle"]
COLOURS = ["red", "green", "blue", "yellow", "orange", "purple", "pink", "white"]
HEADS = {"action": ACTIONS, "kind": NOUNS, "colour": COLOURS}


class Judge(nn.Module):
    """Says of clips of half size [N, 3, T, 64, 64] what they show. It learns from rendered clips; its own rate of errors is reported."""

    def __init__(self):
        super().__init__()
        widths, layers = (3, 32, 64, 96, 128), []
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            layers += [nn.Conv3d(a, b, 3, stride=(2 if i in (1, 3) else 1, 2, 2), padding=1), nn.GroupNorm(8, b), nn.SiLU(),
                       nn.Conv3d(b, b, 3, padding=1), nn.GroupNorm(8, b), nn.SiLU()]
        self.body = nn.Sequential(*layers)
        self.place = nn.Parameter(.02 * torch.randn(1, 128, 4, 4, 4))
        self.mix = nn.TransformerEncoderLayer(128, 4, 256, dropout=0., batch_first=True, norm_first=True)
        self.heads = nn.ModuleDict({name: nn.Linear(128, len(values)) for name, values in HEADS.items()})

    def forward(self, video):
        x = self.mix((self.body(video) + self.place).flatten(2).transpose(1, 2)).mean(1)
        return {name: head(x) for name, head in self.heads.items()}


def truth(scenes, device):
    first = [s["subjects"][0] for s in scenes]
    return {"action": torch.tensor([ACTIONS.index(s["action"]) for s in scenes], device=device),
            "kind": torch.tensor([NOUNS.index(s["kind"]) for s in first], device=device),
            "colour": torch.tensor([COLOURS.index(s["colour"]) for s in first], device=device)}


def halved(video):
    """Clips [N, 3, T, H, W] in [-1, 1] at half their size, as bytes."""
    return F.avg_pool3d(video, (1, 2, 2)).mul(127.5).add(127.5).round().clamp(0, 255).byte()


@torch.no_grad()
def judged(judge, video, scenes):
    """The shares of clips [N, 3, T, H, W] whose action, kind and colour the judge names as their scenes have them."""
    right = truth(scenes, video.device)
    said = [judge(unit(halved(part))) for part in video.split(16)]
    found = {name: torch.cat([s[name] for s in said]).argmax(1) == right[name] for name in HEADS}
    result = {name: round(found[name].float().mean().item(), 4) for name in HEADS}
    result["byAction"] = {a: round(found["action"][right["action"] == i].float().mean().item(), 3)
                          for i, a in enumerate(ACTIONS) if (right["action"] == i).any()}
    return result
