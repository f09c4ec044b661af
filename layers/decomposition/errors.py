"""Why a target cannot be split as it was asked."""

from __future__ import annotations

from geo.messages import DEFAULT_LANGUAGE
from layers.model.errors import LayersError, word


class DecompositionError(LayersError):
    """A target cannot be split so; the parameters say which part or figure is in the way."""

    def message(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong, with figures and places called as the language calls them."""
        params = dict(self.params)
        if "what" in params:
            params["what"] = word(f"decomposition.word.{params['what']}", lang)
        if lang == "en" and params.get("place_en"):
            params["place"] = params["place_en"]
        return self.catalogue.text(self.key, lang, **params)
