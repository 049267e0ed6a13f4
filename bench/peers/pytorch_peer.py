"""The PyTorch side of bench/peers/run: a GPT of its own, trained or decoded on request.

Reads one command a line from standard input and answers each with one line of JSON:

    run STEPS   does that many steps; {"seconds": ..., "tokens": ...}
    memory      {"peak_bytes": ...}: the largest resident size so far
    quit        ends
"""

import argparse
import contextlib
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    """Pre-norm attention and GELU MLP, as in GPT-2."""

    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(hidden)
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.attention_output = nn.Linear(hidden, hidden)
        self.mlp_norm = nn.LayerNorm(hidden)
        self.up = nn.Linear(hidden, 4 * hidden)
        self.down = nn.Linear(4 * hidden, hidden)

    def heads_of(self, x):
        batch, length, _ = x.shape
        return x.view(batch, length, self.heads, -1).transpose(1, 2)

    def forward(self, x, cache=None, position=None):
        q, k, v = (self.heads_of(t) for t in self.qkv(self.attention_norm(x)).chunk(3, dim=-1))
        if cache is None:
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            keys, values = cache
            keys[:, :, position] = k[:, :, 0]
            values[:, :, position] = v[:, :, 0]
            y = F.scaled_dot_product_attention(
                q, keys[:, :, : position + 1], values[:, :, : position + 1])
        x = x + self.attention_output(y.transpose(1, 2).reshape(x.shape))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x)), approximate="tanh"))


class Gpt(nn.Module):
    """GPT-2's form: learned positions, tied head."""

    def __init__(self, layers, hidden, heads, context, vocabulary):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, hidden)
        self.positions = nn.Embedding(context, hidden)
        self.blocks = nn.ModuleList(Block(hidden, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(hidden)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, tokens, targets):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))

    def decode(self, token, position, caches):
        x = self.tokens(token) + self.positions.weight[position]
        for block, cache in zip(self.blocks, caches):
            x = block(x, cache, position)
        return F.linear(self.norm(x), self.tokens.weight)


def training(args, model):
    decay = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=1e-4, betas=(0.9, 0.95), fused=True)
    loss_of = torch.compile(model) if args.compile else model
    generator = torch.Generator().manual_seed(1)
    data = torch.randint(args.vocabulary, (args.batch, args.length + 1), generator=generator)
    tokens, targets = data[:, :-1].contiguous(), data[:, 1:].contiguous()

    def step():
        precision = (torch.autocast("cpu", torch.bfloat16) if args.dtype == "bf16"
                     else contextlib.nullcontext())
        with precision:
            loss = loss_of(tokens, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def run(steps):
        for _ in range(steps):
            step()
        return steps * args.batch * args.length

    return run


def decoding(args, model):
    dtype = torch.bfloat16 if args.dtype == "bf16" else torch.float32
    model = model.to(dtype).eval()
    shape = (1, args.heads, args.length, args.hidden // args.heads)
    caches = [(torch.zeros(shape, dtype=dtype), torch.zeros(shape, dtype=dtype))
              for _ in range(args.layers)]
    first = torch.zeros((1, 1), dtype=torch.long)

    @torch.inference_mode()
    def run(steps):
        for start in range(0, steps, args.length - 1):
            token = first
            for position in range(min(args.length - 1, steps - start)):
                logits = model.decode(token, position, caches)
                token = logits[:, -1:].argmax(-1)
        return steps

    return run


def peak_bytes():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["train", "decode"])
    for name in ("layers", "hidden", "heads", "length", "batch", "vocabulary", "threads"):
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--dtype", choices=["f32", "bf16"], required=True)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    model = Gpt(args.layers, args.hidden, args.heads, args.length, args.vocabulary)
    run = (training if args.work == "train" else decoding)(args, model)
    for line in sys.stdin:
        command = line.split()
        if command[0] == "run":
            start = time.perf_counter()
            tokens = run(int(command[1]))
            answer = {"seconds": time.perf_counter() - start, "tokens": tokens}
        elif command[0] == "memory":
            answer = {"peak_bytes": peak_bytes()}
        else:
            return
        print(json.dumps(answer), flush=True)


main()
