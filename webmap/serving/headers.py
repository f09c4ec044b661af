"""Security headers: the Content-Security-Policy of each page, and what every answer carries."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response


def content_policy(
    *,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
    images: str = "",
    frame_ancestors: str | None = "'self'",
    own_files: bool = True,
    forms: bool = False,
    frames: bool = False,
) -> str:
    """A Content-Security-Policy that allows our own files and the named inline scripts and styles, nothing else.

    Args:
        scripts: Hashes of inline scripts, as ``'sha256-…'``.
        styles: Hashes of inline style blocks.
        images: The one origin beside our own that images may come from, as ``https://tiles.example``; "" for none.
        frame_ancestors: Who may show the page in a frame; None leaves the directive out: anybody may. A page that
            was opened from disk has no address that any source, ``*`` included, could match.
        own_files: Whether the page may fetch from its own server; a stand-alone file may not.
        forms: Whether a form may send to our own server.
        frames: Whether the page may show others of our own server in frames.
    """
    own = ["'self'"] if own_files else []
    directives = {
        "default-src": ["'none'"],
        "script-src": [*own, *scripts] or ["'none'"],
        "style-src": [*own, *styles] or ["'none'"],
        "img-src": [*own, "data:", *([images] if images else [])],
        "connect-src": own or ["'none'"],
        "font-src": own or ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'" if forms else "'none'"],
    }
    if frames:
        directives["frame-src"] = ["'self'"]
    if frame_ancestors is not None:
        directives["frame-ancestors"] = [frame_ancestors]
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


def framing(setting: str) -> str | None:
    """Who may frame an embed, for its policy; None where the setting lets anybody.

    Our own map always may, for the preview in its dialog, unless nobody may.
    """
    names = setting.split()
    if "*" in names:
        return None
    return setting if "'self'" in names or not previewed(setting) else f"'self' {setting}"


def previewed(setting: str) -> bool:
    """Whether our own pages may show an embed in a frame: they may where anybody may."""
    return "'none'" not in setting.split()


NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
"""The policy of programs and styles, which are no pages: short, since each of them bears it."""
_NO_PAGES = ("text/javascript", "text/css")

SECURITY = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
"""What every answer carries that says nothing else."""


def register(app: Flask) -> None:
    """Give every answer of the app its security headers; a page's own policy stays."""

    @app.after_request
    def add(response: Response) -> Response:
        if response.mimetype in _NO_PAGES:
            response.headers.setdefault("Content-Security-Policy", NO_PAGE)
        for name, value in SECURITY.items():
            response.headers.setdefault(name, value)
        return response
