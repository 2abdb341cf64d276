"""Which language a text is in: as detected; what is declared decides where the detector is in doubt."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_CODE = re.compile(r"^\s*([a-z]{2,3})(?:$|[-_,;\s])", re.I)
# Countries, and codes of old, that pages write for a language.
_MISTAKEN = {
    "cn": "zh", "jp": "ja", "kr": "ko", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "iw": "he", "in": "id",
    "ji": "yi", "fil": "tl",
}  # fmt: skip
_SAMPLE = 400
# Languages that the detector confuses, or that share a written form.
_KIN = (
    {"nb", "nn", "no", "da"},
    {"hr", "bs", "sr"},
    {"id", "ms"},
    {"cs", "sk"},
    {"gl", "pt", "es"},
    {"xh", "zu"},
    {"ru", "uk", "be", "bg"},
    {"fa", "ar", "ur"},
    {"hi", "mr", "ne"},
)


@cache
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    detector.set_languages([code for code in detector.labels if len(code) == 2])
    return detector


@cache
def declared(value: str | None) -> str | None:
    """The ISO 639-1 code of a declared language such as `pt_BR`, `deu` or `jp`; None where there is none."""
    match = _CODE.match(value or "")
    if match is None:
        return None
    code = match[1].lower()
    return _code(_MISTAKEN.get(code, code))


def _code(code: str) -> str | None:
    import pycountry

    if len(code) == 2:
        return code if pycountry.languages.get(alpha_2=code) else None
    found = pycountry.languages.get(alpha_3=code) or pycountry.languages.get(bibliographic=code)
    return getattr(found, "alpha_2", None)


def detect(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the text's language; `hint` is the declared one."""
    said = declared(hint)
    letters = sum(map(str.isalpha, text[:_SAMPLE]))
    if letters < 20:
        return said
    ranked = _detector().rank(text[:_SAMPLE])[:4]
    best, sure = str(ranked[0][0]), float(ranked[0][1])
    if said is None or said == best:
        return best
    kin = any(said in group and best in group for group in _KIN)
    doubtful = kin or letters < 200 or sure < 0.9
    return said if doubtful and any(code == said for code, _ in ranked) else best
