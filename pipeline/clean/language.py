"""Which language a text is in: as detected; what is declared decides where the detector is in doubt."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_CODE = re.compile(r"^\s*([a-z]{2})(?:$|[-_,;\s])", re.I)
_SAMPLE = 2000
# Languages that the detector confuses, or that share a written form.
_KIN = ({"nb", "nn", "no", "da"}, {"hr", "bs", "sr"}, {"id", "ms"}, {"cs", "sk"}, {"gl", "pt", "es"}, {"xh", "zu"}, {"ru", "uk", "be", "bg"}, {"fa", "ar", "ur"}, {"hi", "mr", "ne"})


@cache
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)


def declared(value: str | None) -> str | None:
    """The ISO 639-1 code of a declared language such as `pt_BR`."""
    match = _CODE.match(value or "")
    return match[1].lower() if match else None


def detect(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the text's language; `hint` is the declared one."""
    said = declared(hint)
    letters = sum(map(str.isalpha, text[:_SAMPLE]))
    if letters < 20:
        return said
    ranked = [(code, float(share)) for code, share in _detector().rank(text[:_SAMPLE])[:4]]
    best, sure = ranked[0]
    if said is None or said == best:
        return best if len(best) == 2 else next((code for code, _ in ranked if len(code) == 2), None)
    kin = any(said in group and best in group for group in _KIN)
    doubtful = letters < 200 or sure < 0.9
    if (kin and said in [code for code, _ in ranked]) or (doubtful and said in [code for code, _ in ranked]) or letters < 60 or len(best) != 2:
        return said
    return best
